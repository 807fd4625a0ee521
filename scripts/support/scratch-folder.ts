/** A folder for as long as it is needed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keep, release } from './belongings.ts';

export interface ScratchFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** A new, empty folder that only we may read; it goes at the latest with this process. */
export async function makeScratchFolder(): Promise<ScratchFolder> {
  const path = await mkdtemp(join(tmpdir(), 'bark-edge-'));
  keep({ folder: path });
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      release({ folder: path });
    },
  };
}
