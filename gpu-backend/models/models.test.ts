/** The models of the embedded checkpoint against plainer ways to the same numbers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import { fineCodes } from '#shared/bark/shapes.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import { philoxRandomness } from '../pipeline/randomness.ts';
import { openBarkModels, type LoadedModels } from './bark-models.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const { signal } = new AbortController();
const draw = philoxRandomness(3)('fine', 0);
let models: LoadedModels;

beforeAll(async () => {
  const checkpoint = await openCheckpoint(TINY);
  models = await openBarkModels(checkpoint, { threads: 1 });
  await checkpoint.tensors.close();
});
afterAll(() => models.release());

function randomIds(count: number, limit: number, from = 0): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => Math.floor(draw(from + i) * limit));
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? Number.NaN))),
    0,
  );
}

describe.each(['semantic', 'coarse'] as const)('the %s stage', (stage) => {
  test('token by token it scores as in one forward', async () => {
    const model = models[stage];
    const ids = randomIds(300, 500);
    const cached = model.open();
    let scores = await cached.append([{ ids: ids.subarray(0, 20) }], signal);
    for (let i = 20; i < ids.length; i += 1)
      scores = await cached.append([{ ids: ids.subarray(i, i + 1) }], signal);
    const whole = await model.open().append([{ ids }], signal);
    expect(largestDifference(scores, whole)).toBeLessThan(1e-4);
    cached.close();
  });

  test('sequences do not see one another', async () => {
    const model = models[stage];
    const [a, b] = [randomIds(10, 500, 1_000), randomIds(12, 500, 2_000)];
    const alone = await model.open().append([{ ids: a }], signal);
    const first = model.open();
    const second = model.open();
    await first.append([{ ids: a.subarray(0, 9) }], signal);
    await second.append([{ ids: b }], signal);
    const beside = await first.append([{ ids: a.subarray(9) }], signal);
    expect(largestDifference(alone, beside)).toBeLessThan(1e-4);
  });

  test('summed parts equal the sum of their embeddings in any order', async () => {
    const model = models[stage];
    const [ids, plus] = [randomIds(16, 500, 3_000), randomIds(16, 500, 4_000)];
    const one = await model.open().append([{ ids, plus }], signal);
    const other = await model.open().append([{ ids: plus, plus: ids }], signal);
    expect(largestDifference(one, other)).toBeLessThan(1e-6);
  });

  test('more positions than the model has are refused', async () => {
    const sequence = models[stage].open();
    await sequence.append([{ ids: new Int32Array(1_024) }], signal);
    await expect(sequence.append([{ ids: Int32Array.of(1) }], signal)).rejects.toThrow(
      '1024 positions; 1025',
    );
  });

  test('an id outside the vocabulary is refused', async () => {
    await expect(
      models[stage].open().append([{ ids: Int32Array.of(9_999_999) }], signal),
    ).rejects.toThrow(RangeError);
  });

  test('an aborted signal stops before the forward', async () => {
    await expect(
      models[stage]
        .open()
        .append([{ ids: Int32Array.of(1) }], AbortSignal.abort(new Error('stop'))),
    ).rejects.toThrow('stop');
  });
});

describe('the fine stage', () => {
  test('scores of the last rows are those of all rows', async () => {
    const window = randomIds(1_024 * 8, 1_025);
    const all = await models.fine.forward(window, 3, 0, signal);
    const last = await models.fine.forward(window, 3, 1_000, signal);
    const { vocabularySize } = models.fine;
    expect(all.length).toBe(1_024 * vocabularySize);
    expect(largestDifference(all.subarray(1_000 * vocabularySize), last)).toBeLessThan(1e-5);
  });

  test('codebooks that are not predicted are refused', async () => {
    const window = new Int32Array(1_024 * 8);
    await expect(models.fine.forward(window, 0, 0, signal)).rejects.toThrow('1..7');
    await expect(models.fine.forward(window, 8, 0, signal)).rejects.toThrow('1..7');
  });
});

describe('the codec', () => {
  const whole = async (frames: number): Promise<{ codes: Int32Array; audio: Float32Array }> => {
    const codes = randomIds(8 * frames, 1_024, 50_000);
    return { codes, audio: await models.codec.open().decode(fineCodes(codes, 1_024), signal) };
  };

  test.each([[[7, 1, 1, 1, 140]], [[20, 1, 29, 25, 75]], [[149, 1]], [[10, 140]]])(
    'chunks of %j frames are the samples of the whole, exactly',
    async (lengths) => {
      const frames = 150;
      const { codes, audio } = await whole(frames);
      const stream = models.codec.open();
      let from = 0;
      for (const length of lengths) {
        const chunk = new Int32Array(8 * length);
        for (let book = 0; book < 8; book += 1) {
          chunk.set(
            codes.subarray(book * frames + from, book * frames + from + length),
            book * length,
          );
        }
        const piece = await stream.decode(fineCodes(chunk, 1_024), signal);
        expect(largestDifference(piece, audio.subarray(from * 320, (from + length) * 320))).toBe(0);
        from += length;
      }
      stream.close();
    },
  );

  test.each([1, 2, 3, 6, 7])(
    'an utterance of %d frames has 320 samples a frame',
    async (frames) => {
      const { audio } = await whole(frames);
      expect(audio.length).toBe(320 * frames);
      expect(audio.every((sample) => Number.isFinite(sample))).toBe(true);
    },
  );

  test('it says how many frames the first chunk needs', () => {
    expect(models.codec.firstChunkFrames).toBe(7);
    expect(models.codec.hopSamples).toBe(320);
  });
});
