/** Where the checkpoint's small files are read from: static assets, a bucket, a folder in a test. */
export interface StagedFiles {
  /** The file's bytes, which the caller owns; null when there is no such file. */
  read(path: string): Promise<Uint8Array<ArrayBuffer> | null>;
}

/** The same, with files too large to be held. */
export interface StreamedFiles extends StagedFiles {
  /** The file's bytes as they come; null when there is no such file. */
  open(path: string): Promise<ReadableStream<Uint8Array> | null>;
}
