/** The toy checkpoint under fixtures/staged: a vocabulary of letters, one voice. `node tests/workers/make-fixtures.ts` writes it. */
import { readFile } from 'node:fs/promises';
import type { StagedFiles } from '../../functions/staged/staged-files.ts';

export const FIXTURE_MODEL = 'bark-toy';
export const FIXTURE_VOICE = 'v2/en_speaker_6';

const FOLDER = new URL('./fixtures/staged/', import.meta.url);

export const fixtureFiles: StagedFiles = {
  async read(path) {
    try {
      return Uint8Array.from(await readFile(new URL(path, FOLDER)));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  },
};
