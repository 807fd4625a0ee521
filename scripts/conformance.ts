/**
 * Compares this engine with goldens of the real transformers:
 * `npm run conformance -- <folder> [--voices <folder>]`. Prints a line a case with its first
 * difference, then `N passed, N failed`; exits 1 when one failed, 2 when the folder can't be used.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { openCheckpoint } from '../gpu-backend/checkpoint/checkpoint.ts';
import { openBarkModels } from '../gpu-backend/models/bark-models.ts';
import { firstDifference, goldenCheckpoint, readGoldenCases } from './support/golden.ts';
import { goldenVoices } from './support/golden-voices.ts';
import { printable, printableError } from '../gpu-backend/cli/terminal/printable.ts';

const USAGE = 'usage: npm run conformance -- <folder> [--voices <folder>]';

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { voices: { type: 'string' } },
  });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) {
    console.error(USAGE);
    return 2;
  }
  const cases = await readGoldenCases(folder);
  const checkpointFolder = await goldenCheckpoint(folder);
  const checkpoint = await openCheckpoint(checkpointFolder);
  const models = await openBarkModels(checkpoint, { threads: availableParallelism() });
  await checkpoint.tensors.close();
  const readVoice = goldenVoices(values.voices, folder, checkpointFolder);

  let failed = 0;
  for (const golden of cases) {
    const startMs = performance.now();
    const difference = await firstDifference(golden, {
      folder,
      models,
      generation: checkpoint.generation,
      readVoice,
    }).catch(
      (error: unknown) => `failed: ${error instanceof Error ? error.message : String(error)}`,
    );
    const ms = Math.round(performance.now() - startMs);
    const result = `${difference === null ? 'ok  ' : 'FAIL'} ${golden.name} (${ms} ms)`;
    console.log(printable(`${result}${difference === null ? '' : `: ${difference}`}`));
    if (difference !== null) failed += 1;
  }
  await models.release();
  console.log(`${cases.length - failed} passed, ${failed} failed`);
  return failed === 0 && cases.length > 0 ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(printableError(error));
  console.error(USAGE);
  return 2;
});
