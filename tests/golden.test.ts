/** Token parity with the real transformers, on goldens that it made. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint, type Checkpoint } from '../gpu-backend/checkpoint/checkpoint.ts';
import { openBarkModels, type LoadedModels } from '../gpu-backend/models/bark-models.ts';
import { firstDifference, goldenCheckpoint, readGoldenCases } from '../scripts/support/golden.ts';
import { goldenVoices } from '../scripts/support/golden-voices.ts';

const FIXTURES = fileURLToPath(new URL('fixtures/golden', import.meta.url));
/** The larger set with Bark's true vocabularies lies outside the project, where there is one. */
const REFERENCE = fileURLToPath(new URL('../../shared/reference/golden', import.meta.url));

const folders = [...readdirSync(FIXTURES).map((name) => join(FIXTURES, name)), REFERENCE];

describe.each(folders)('goldens of %s', (folder) => {
  const isThere = existsSync(join(folder, 'cases.json'));
  let checkpoint: Checkpoint;
  let models: LoadedModels;
  let checkpointFolder: string;

  beforeAll(async () => {
    if (!isThere) return;
    checkpointFolder = await goldenCheckpoint(folder);
    checkpoint = await openCheckpoint(checkpointFolder);
    models = await openBarkModels(checkpoint, { threads: 1 });
    await checkpoint.tensors.close();
  });
  afterAll(() => models?.release());

  test('tokens are identical and audio is within 1e-5', async ({ skip }) => {
    if (!isThere) skip(`there is no ${basename(folder)} beside the project`);
    const cases = await readGoldenCases(folder);
    const readVoice = goldenVoices(undefined, folder, checkpointFolder);
    const { generation } = checkpoint;
    const differences: Record<string, string | null> = {};
    for (const golden of cases) {
      differences[golden.name] = await firstDifference(golden, {
        folder,
        models,
        generation,
        readVoice,
      });
    }
    expect(differences).toEqual(Object.fromEntries(cases.map(({ name }) => [name, null])));
  }, 120_000);
});
