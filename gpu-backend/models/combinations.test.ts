/** Every way to hold and compute the models against the reference: fp32 in plain operators. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import { philoxRandomness } from '../pipeline/randomness.ts';
import { argmax, softmax } from '../pipeline/sampling.ts';
import { openBarkModels, type LoadedModels } from './bark-models.ts';
import type { ModelOptions } from './options.ts';
import { ortLibrary } from './ort-api/library.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const { signal } = new AbortController();
const draw = philoxRandomness(5)('fine', 0);
const STAGES = ['semantic', 'coarse'] as const;

function isNativeHere(): boolean {
  try {
    return ortLibrary().version !== '';
  } catch {
    // without koffi the C API can't be had: the tests that need it say so in their names
    return false;
  }
}
const hasNative = isNativeHere();

async function open(options: Omit<ModelOptions, 'threads'>): Promise<LoadedModels> {
  const checkpoint = await openCheckpoint(TINY);
  const models = await openBarkModels(checkpoint, { threads: 1, ...options });
  await checkpoint.tensors.close();
  return models;
}

function ids(count: number, from: number, limit = 500): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => Math.floor(draw(from + i) * limit));
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? Number.NaN))),
    0,
  );
}

/** How far the distribution of `scores` is from that of `reference`, in nats. */
function divergence(reference: Float32Array, scores: Float32Array): number {
  const [p, q] = [softmax(reference), softmax(scores)];
  return p.reduce(
    (sum, value, i) =>
      value > 0 ? sum + value * Math.log(value / Math.max(q[i] ?? 0, 1e-30)) : sum,
    0,
  );
}

/** Scores after a prompt of 40 and after each of 30 given ids. */
async function scoresOf(
  models: LoadedModels,
  stage: 'semantic' | 'coarse',
): Promise<Float32Array[]> {
  const sequence = models[stage].open();
  const [prompt, plus, steps] = [ids(40, 0), ids(40, 100), ids(30, 200)];
  const scores = [(await sequence.append([{ ids: prompt, plus }], signal)).slice()];
  for (let i = 0; i < steps.length; i += 1) {
    scores.push((await sequence.append([{ ids: steps.subarray(i, i + 1) }], signal)).slice());
  }
  sequence.close();
  return scores;
}

let reference: LoadedModels;
const expected = new Map<string, Float32Array[]>();
const window = ids(1_024 * 8, 10_000, 1_025);
let fineExpected: Float32Array;

beforeAll(async () => {
  reference = await open({});
  for (const stage of STAGES) expected.set(stage, await scoresOf(reference, stage));
  fineExpected = (await reference.fine.forward(window, 5, 512, signal)).slice();
});
afterAll(() => reference.release());

const native = { decoder: 'native' } as const;
const stock = { decoder: 'stock' } as const;
const COMBINATIONS: readonly {
  options: Omit<ModelOptions, 'threads'>;
  difference: number;
  nats: number;
}[] = [
  { options: { offload: true }, difference: 0, nats: 1e-9 },
  { options: { attention: 'fused', ...stock }, difference: 1e-4, nats: 1e-6 },
  { options: { attention: 'fused', ...native }, difference: 1e-4, nats: 1e-6 },
  { options: { attention: 'fused', offload: true, ...native }, difference: 1e-4, nats: 1e-6 },
  { options: { precision: 'fp16', ...native }, difference: 0.05, nats: 1e-3 },
  { options: { precision: 'fp16', offload: true, ...stock }, difference: 0.05, nats: 1e-3 },
  { options: { precision: 'int8', ...stock }, difference: 1.5, nats: 0.1 },
  { options: { precision: 'int8', ...native }, difference: 1.5, nats: 0.1 },
  { options: { precision: 'int8', offload: true, ...native }, difference: 1.5, nats: 0.1 },
  { options: { precision: 'int4', ...native }, difference: 6, nats: 1 },
];

describe.each(COMBINATIONS)('$options', ({ options, difference, nats }) => {
  const runs = test.skipIf(options.decoder === 'native' && !hasNative);

  runs('scores are those of the reference, as near as the numbers allow', async () => {
    const models = await open(options);
    for (const stage of STAGES) {
      const scores = await scoresOf(models, stage);
      const pairs = scores.map((row, i) => [expected.get(stage)?.[i] ?? row, row] as const);
      const largest = Math.max(...pairs.map(([want, have]) => largestDifference(want, have)));
      const kl =
        pairs.reduce((sum, [want, have]) => sum + divergence(want, have), 0) / pairs.length;
      const agreeing = pairs.filter(([want, have]) => argmax(want) === argmax(have)).length;
      expect(
        largest,
        `${stage}: ${agreeing} of ${pairs.length} best ids agree`,
      ).toBeLessThanOrEqual(difference);
      expect(kl, stage).toBeLessThan(nats);
      if (nats <= 1e-6) expect(agreeing, stage).toBe(pairs.length);
    }
    const fine = await models.fine.forward(window, 5, 512, signal);
    expect(largestDifference(fineExpected, fine), 'fine').toBeLessThanOrEqual(difference);
    await models.release();
  });
});

describe.skipIf(!hasNative).each(['fp32', 'fp16', 'int8', 'int4'] as const)(
  'rows side by side in %s (needs koffi)',
  (precision) => {
    let models: LoadedModels;
    beforeAll(async () => {
      models = await open({ precision, attention: 'fused', rows: 4, ...native });
    });
    afterAll(() => models.release());

    /** Scores of one row: a prompt of its own length, then ten steps. */
    const speak = async (row: number): Promise<Float32Array[]> => {
      const sequence = models.coarse.open();
      const scores = [await sequence.append([{ ids: ids(20 + 7 * row, 1_000 * row) }], signal)];
      for (let i = 0; i < 10; i += 1) {
        scores.push(await sequence.append([{ ids: ids(1, 500 + 1_000 * row + i) }], signal));
      }
      sequence.close();
      return scores;
    };

    test('six at once, in slabs of four, have the bits of each alone', async () => {
      const alone: Float32Array[][] = [];
      for (let row = 0; row < 6; row += 1) alone.push(await speak(row));
      const together = await Promise.all([0, 1, 2, 3, 4, 5].map(speak));
      for (const [row, scores] of together.entries()) {
        for (const [step, score] of scores.entries()) {
          expect(
            largestDifference(alone[row]?.[step] ?? score, score),
            `row ${row}, step ${step}`,
          ).toBe(0);
        }
      }
    });

    test('rows that pause, far apart or full, keep their caches', async () => {
      const sequences = Array.from({ length: 4 }, () => models.coarse.open());
      for (const [row, sequence] of sequences.entries()) {
        // row 1 is filled to its last position, and must bear being stepped over
        await sequence.append([{ ids: ids(row === 1 ? 1_024 : 30 + row, row) }], signal);
      }
      const [first, , , last] = sequences;
      const step = (n: number): Promise<Float32Array[]> =>
        Promise.all([first, last].map((one) => one!.append([{ ids: ids(1, 70 + n) }], signal)));
      await step(0);
      await sequences[2]?.append([{ ids: ids(1, 90) }], signal);
      const [ofFirst] = await step(1);
      for (const sequence of sequences) sequence.close();

      const again = models.coarse.open();
      await again.append([{ ids: ids(30, 0) }], signal);
      await again.append([{ ids: ids(1, 70) }], signal);
      const alone = await again.append([{ ids: ids(1, 71) }], signal);
      expect(largestDifference(alone, ofFirst ?? new Float32Array(0))).toBe(0);
      again.close();
    });
  },
);

describe.each([
  ['native', hasNative],
  ['stock', true],
] as const)('a sequence on the %s decoder', (decoder, isHere) => {
  let models: LoadedModels;
  beforeAll(async () => {
    if (isHere) models = await open({ attention: 'fused', decoder });
  });
  afterAll(async () => {
    if (isHere) await models.release();
  });
  const runs = test.skipIf(!isHere);
  const one = [{ ids: Int32Array.of(7) }];

  runs('may begin with one id, and take several later', async () => {
    const all = ids(12, 40);
    const whole = await models.semantic.open().append([{ ids: all }], signal);
    const parted = models.semantic.open();
    await parted.append([{ ids: all.subarray(0, 1) }], signal);
    await parted.append([{ ids: all.subarray(1, 2) }], signal);
    const scores = await parted.append([{ ids: all.subarray(2) }], signal);
    expect(largestDifference(whole, scores)).toBeLessThan(1e-4);
    parted.close();
  });

  runs('refuses more positions than it has, ids that are none, and nothing at all', async () => {
    const full = models.semantic.open();
    await full.append([{ ids: new Int32Array(1_024) }], signal);
    await expect(full.append(one, signal)).rejects.toThrow('1024 positions; 1025');
    full.close();
    const other = models.semantic.open();
    await expect(other.append([{ ids: Int32Array.of(9_999_999) }], signal)).rejects.toThrow(
      RangeError,
    );
    await expect(other.append([{ ids: new Int32Array(0) }], signal)).rejects.toThrow(RangeError);
    other.close();
  });

  runs('stops between steps when it is aborted, and goes on for others', async () => {
    const stop = new AbortController();
    const [stopped, other] = [models.semantic.open(), models.semantic.open()];
    await stopped.append([{ ids: ids(5, 0) }], stop.signal);
    await other.append([{ ids: ids(5, 0) }], signal);
    const pending = stopped.append(one, stop.signal);
    const beside = other.append(one, signal);
    stop.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect((await beside).length).toBe(models.semantic.vocabularySize);
    stopped.close();
    other.close();
  });

  runs('is spent once it is closed, and closing twice is no harm', async () => {
    const sequence = models.semantic.open();
    await sequence.append(one, signal);
    const pending = sequence.append(one, signal);
    sequence.close();
    sequence.close();
    await expect(pending).rejects.toThrow('closed');
    await expect(sequence.append(one, signal)).rejects.toThrow('closed');
  });
});

test('plain attention exists in fp32 alone', async () => {
  await expect(open({ precision: 'int8', attention: 'plain' })).rejects.toThrow('fp32 alone');
});
