/** Where the checkpoint's small files are read from: static assets, a bucket, a folder in a test. */
export interface StagedFiles {
  /** The file's bytes, which the caller owns; null when there is no such file. */
  read(path: string): Promise<Uint8Array<ArrayBuffer> | null>;
}
