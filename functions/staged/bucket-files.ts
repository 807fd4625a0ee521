/** Staged files as objects of an R2 bucket, under the same names. */
import type { StreamedFiles } from './staged-files.ts';

export function bucketFiles(bucket: Pick<R2Bucket, 'get'>): StreamedFiles {
  return {
    async read(path) {
      const object = await bucket.get(path);
      return object === null ? null : new Uint8Array(await object.arrayBuffer());
    },
    async open(path) {
      return (await bucket.get(path))?.body ?? null;
    },
  };
}
