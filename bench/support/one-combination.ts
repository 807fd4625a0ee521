/**
 * A process of its own for one combination: loads a checkpoint, lets every stage work once, and prints
 * one line of JSON about time and memory. Arguments: the folder, the options as JSON.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fineCodes } from '../../shared/bark/shapes.ts';
import { openCheckpoint } from '../../gpu-backend/checkpoint/checkpoint.ts';
import { openBarkModels } from '../../gpu-backend/models/bark-models.ts';
import type { CausalModel } from '../../gpu-backend/pipeline/models.ts';
import { quantile } from './quantile.ts';

const [folder = '', options = '{}'] = process.argv.slice(2);
const { signal } = new AbortController();

async function megabytes(field: 'VmRSS' | 'VmHWM'): Promise<number> {
  globalThis.gc?.();
  // what is freed goes back to the system a little later
  await pause(200);
  const status = await readFile('/proc/self/status', 'utf8');
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1_024);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function causal(
  model: CausalModel,
  positions: number,
): Promise<{ promptMs: number; stepMs: number }> {
  const sequence = model.open();
  const ids = Int32Array.from({ length: positions }, (_, i) => (i * 37) % 10_000);
  const promptMs = await timed(() => sequence.append([{ ids }], signal));
  const steps: number[] = [];
  for (let step = 0; step < 24; step += 1) {
    steps.push(await timed(() => sequence.append([{ ids: Int32Array.of(step) }], signal)));
  }
  sequence.close();
  return { promptMs, stepMs: quantile(steps, 0.5) };
}

const beforeMb = await megabytes('VmRSS');
const startMs = performance.now();
const checkpoint = await openCheckpoint(folder);
const models = await openBarkModels(checkpoint, { threads: 2, ...JSON.parse(options) });
await checkpoint.tensors.close();
const loadMs = performance.now() - startMs;
const loadedMb = await megabytes('VmRSS');

// the first round loads what is not there yet, the second is measured
const semanticLoadMs = await timed(() => causal(models.semantic, 257));
const semantic = await causal(models.semantic, 512);
const semanticMb = await megabytes('VmRSS');
await causal(models.coarse, 257);
const coarse = await causal(models.coarse, 887);
const coarseMb = await megabytes('VmRSS');
const window = Int32Array.from({ length: 8_192 }, (_, i) => (i * 31) % 1_024);
await models.fine.forward(window, 2, 0, signal);
const fineMs = await timed(() => models.fine.forward(window, 3, 0, signal));
const fineMb = await megabytes('VmRSS');
const codes = fineCodes(
  Int32Array.from({ length: 600 }, (_, i) => (i * 31) % 1_024),
  1_024,
);
const codec = models.codec.open();
await codec.decode(codes, signal);
const codecMs = await timed(() => codec.decode(codes, signal));
const workingMb = await megabytes('VmRSS');
const peakMb = await megabytes('VmHWM');
process.stdout.write(
  `${JSON.stringify({
    loadMs,
    semanticLoadMs,
    semanticStepMs: semantic.stepMs,
    coarseStepMs: coarse.stepMs,
    coarsePromptMs: coarse.promptMs,
    fineMs,
    codecTimesRealTime: 1_000 / codecMs,
    beforeMb,
    loadedMb,
    semanticMb,
    coarseMb,
    fineMb,
    workingMb,
    peakMb,
  })}\n`,
);
await models.release();
