/** The toy checkpoint under fixtures/staged: a vocabulary of letters, one voice. `node tests/workers/make-fixtures.ts` writes it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StagedFiles } from '../../functions/staged/staged-files.ts';

export const FIXTURE_MODEL = 'bark-toy';
export const FIXTURE_VOICE = 'v2/en_speaker_6';

export const FIXTURE_FOLDER = join(import.meta.dirname, 'fixtures/staged');

export const fixtureFiles: StagedFiles = {
  async read(path) {
    try {
      return Uint8Array.from(await readFile(join(FIXTURE_FOLDER, path)));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  },
};
