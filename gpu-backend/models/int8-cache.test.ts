/** The cache of eight bits against the float32 one, with the same rounded weights, on the embedded tiny checkpoint. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import { readTransformer, type CausalWeights } from '../checkpoint/weights.ts';
import { cachedCausalGraph } from '../graph/fused-transformer.ts';
import type { CacheScales } from '../graph/int8-cache.ts';
import type { Matrix } from '../graph/linear.ts';
import { argmax } from '../pipeline/sampling.ts';
import { CacheCalibration, cacheScales } from './cache-calibration.ts';
import { calibrationPrompt } from './calibration-prompt.ts';
import type { EmbeddingTable } from './embedding.ts';
import { weightForms } from './load-stages.ts';
import { ortLibrary, type OrtLibrary } from './ort-api/library.ts';
import { NativeSession } from './ort-api/native-session.ts';
import { promptRows, type CausalTables } from './prompt-rows.ts';
import { RowRunner } from './row-runner.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));

function libraryHere(): OrtLibrary | null {
  try {
    return ortLibrary();
  } catch {
    // without koffi the C API can't be had
    return null;
  }
}
const library = libraryHere();

describe('the scales of a cache', () => {
  const sizes = { heads: 2, width: 2, blockSize: 3, length: 2 };

  test('reach half as far again as what was seen of a channel, whatever its sign', () => {
    // [heads, blockSize, width]; the third position is not filled
    const cache = Float32Array.of(1, -4, -2, 3, 99, 99, 0.5, 0, -0.25, 8, 99, 99);
    const reached = cacheScales(cache, sizes).map((scale) => scale * 127);
    for (const [channel, reach] of [3, 6, 0.75, 12].entries()) {
      expect(reached[channel]).toBeCloseTo(reach, 5);
    }
  });

  test('are one where a channel is always zero, so that nothing is divided by zero', () => {
    expect(cacheScales(new Float32Array(12), sizes)).toEqual(Float32Array.of(1, 1, 1, 1));
  });
});

describe.skipIf(library === null)('a cache of eight bits (needs koffi)', () => {
  const here = (): OrtLibrary => library ?? ortLibrary();
  let checkpoint: Checkpoint;
  let weights: CausalWeights<Matrix, EmbeddingTable>;
  const sessions: NativeSession[] = [];
  const runners: RowRunner[] = [];

  beforeAll(async () => {
    checkpoint = await openCheckpoint(TINY);
    weights = await readTransformer(
      checkpoint.tensors,
      'coarse_acoustics',
      checkpoint.config.coarse,
      weightForms('int8'),
    );
    await checkpoint.tensors.close();
  });
  afterAll(() => {
    for (const runner of runners) runner.release();
    for (const session of sessions) session.release();
  });

  const tables = (): CausalTables => ({
    tokens: weights.inputEmbedding,
    positions: weights.positions,
  });

  function open(scales: readonly CacheScales[] | null): NativeSession {
    const { coarse } = checkpoint.config;
    const session = new NativeSession(
      here(),
      cachedCausalGraph('coarse', coarse, weights, 'int8', scales),
      { threads: 1 },
    );
    sessions.push(session);
    return session;
  }

  function calibrated(): readonly CacheScales[] {
    const { config, generation } = checkpoint;
    const calibration = new CacheCalibration(() =>
      calibrationPrompt('coarse_acoustics', config.coarse, generation),
    );
    const ask = (): readonly CacheScales[] =>
      calibration.scales(here(), config.coarse, tables(), () => {
        const graph = cachedCausalGraph('coarse', config.coarse, weights, 'int8', null);
        return new NativeSession(here(), graph, { threads: 1 });
      });
    const scales = ask();
    // measured once, however often the stage is loaded
    expect(ask()).toBe(scales);
    return scales;
  }

  /** Scores after a prompt that comes in parts of these lengths, and after each of `steps` ids more. */
  function speak(
    session: NativeSession,
    type: 'float32' | 'int8',
    parts: readonly number[],
    steps: number,
  ): { readonly runner: RowRunner; readonly scores: readonly Float32Array[] } {
    const { coarse } = checkpoint.config;
    const runner = new RowRunner(here(), coarse, 1, type);
    runners.push(runner);
    let past = 0;
    const hidden = (count: number): Float32Array => {
      const ids = Int32Array.from(
        { length: count },
        (_, i) => ((past + i) * 37) % coarse.inputVocabularySize,
      );
      const rows = promptRows(tables(), [{ ids }], past, coarse.hiddenSize);
      past += count;
      return rows;
    };
    let scores: Float32Array[] = [];
    for (const count of parts) {
      scores = [runner.prompt(session, { row: 0, hidden: hidden(count) })];
    }
    for (let i = 0; i < steps; i += 1) {
      scores.push(...runner.step(session, [{ row: 0, hidden: hidden(1) }]));
    }
    return { runner, scores };
  }

  test('gives nearly the scores of a float32 cache, and nearly always the same best id', () => {
    const expected = speak(open(null), 'float32', [600], 60).scores;
    const { scores } = speak(open(calibrated()), 'int8', [600], 60);
    const largest = Math.max(...expected.map((row) => Math.max(...row.map(Math.abs))));
    let difference = 0;
    let agreeing = 0;
    for (const [i, row] of expected.entries()) {
      const other = scores[i] ?? new Float32Array(0);
      for (const [id, score] of row.entries()) {
        difference = Math.max(difference, Math.abs(score - (other[id] ?? Infinity)));
      }
      if (argmax(row) === argmax(other)) agreeing += 1;
    }
    expect(difference).toBeLessThan(0.05 * largest);
    expect(agreeing).toBeGreaterThanOrEqual(0.9 * expected.length);
  });

  test('is calibrated the same every time', () => {
    expect(calibrated()).toEqual(calibrated());
  });

  test.each([[[222, 222, 156]], [[2, 598]], [[599, 1]]])(
    'a prompt in parts of %j has the scores of the whole',
    (parts) => {
      const session = open(calibrated());
      const [whole] = speak(session, 'int8', [600], 0).scores;
      const [inParts] = speak(session, 'int8', parts, 0).scores;
      if (parts.at(-1) === 1) {
        // one position alone goes the way of a step: another order of summing
        const differences = whole?.map((score, i) => Math.abs(score - (inParts?.[i] ?? NaN)));
        expect(Math.max(...(differences ?? [NaN]))).toBeLessThan(1e-3);
      } else {
        expect(inParts).toEqual(whole);
      }
    },
  );

  test('ends at its largest number: what is larger does not wrap round', () => {
    const { coarse } = checkpoint.config;
    const narrow = calibrated().map(({ keys, values }) => ({
      keys: keys.map((scale) => scale / 1_000),
      values: values.map((scale) => scale / 1_000),
    }));
    const wide = speak(open(calibrated()), 'int8', [40], 10).runner;
    const clamped = speak(open(narrow), 'int8', [40], 10).runner;
    // the first layer sees the same rows either way
    const [first, second] = [wide, clamped].map(
      ({ slab }) => [...slab.views(0, 1)].find(({ name }) => name === 'key_0')?.memory,
    );
    const width = coarse.hiddenSize / coarse.heads;
    let large = 0;
    for (let i = 0; i < 50 * width; i += 1) {
      const value = first?.[i] ?? 0;
      if (Math.abs(value) < 2) continue;
      large += 1;
      expect(second?.[i]).toBe(value > 0 ? 127 : -128);
    }
    expect(large).toBeGreaterThan(0.9 * 50 * width);
  });
});

describe('the prompt that calibrates', () => {
  test.each(['semantic', 'coarse_acoustics'] as const)(
    'fills the positions of the %s stage with ids that it knows',
    async (stage) => {
      const { config, generation, tensors } = await openCheckpoint(TINY);
      await tensors.close();
      const sizes = stage === 'semantic' ? config.semantic : config.coarse;
      const parts = calibrationPrompt(stage, sizes, generation);
      const ids = parts.flatMap((part) => [...part.ids, ...(part.plus ?? [])]);
      expect(ids.every((id) => id >= 0 && id < sizes.inputVocabularySize)).toBe(true);
      const count = parts.reduce((sum, part) => sum + part.ids.length, 0);
      expect(count).toBeGreaterThan(generation.coarse.maxCoarseInputLength + 1);
      expect(count).toBeLessThanOrEqual(sizes.blockSize);
    },
  );
});
