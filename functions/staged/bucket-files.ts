/** Staged files as objects of an R2 bucket, under the same names. */
import type { StagedFiles } from './staged-files.ts';

export function bucketFiles(bucket: Pick<R2Bucket, 'get'>): StagedFiles {
  return {
    async read(path) {
      const object = await bucket.get(path);
      return object === null ? null : new Uint8Array(await object.arrayBuffer());
    },
  };
}
