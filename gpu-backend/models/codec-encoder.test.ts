/** The encoder against the codes that transformers makes of the same recording. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWav } from '#shared/audio/wav-file.ts';
import { waveform, type Waveform } from '#shared/bark/shapes.ts';
import { parseConfig } from '../checkpoint/config.ts';
import { readCodecEncoder, type CodecEncoderWeights } from '../checkpoint/encoder-weights.ts';
import { openSafetensors } from '../checkpoint/safetensors.ts';
import { firstChunkFrames } from '../graph/codec-encoder.ts';
import { openCodecEncoder, type CodecEncoder } from './codec-encoder.ts';

interface Golden {
  readonly samples: number;
  readonly codes: readonly (readonly number[])[];
}

const FIXTURES = fileURLToPath(new URL('../../tests/fixtures/golden-codec', import.meta.url));
const { signal } = new AbortController();
const recording = waveform(readWav(readFileSync(`${FIXTURES}/recording.wav`)).samples);

const json = (path: string): unknown => JSON.parse(readFileSync(`${FIXTURES}/${path}`, 'utf8'));
const beginning = (samples: number): Waveform => waveform(recording.slice(0, samples));

async function readWeights(name: string): Promise<CodecEncoderWeights> {
  const tensors = await openSafetensors(`${FIXTURES}/${name}/model.safetensors`);
  const { codec } = parseConfig(json(`${name}/config.json`));
  const weights = await readCodecEncoder(tensors, codec, 8);
  await tensors.close();
  return weights;
}

describe.each([
  ['published-layers', 320, 7, [1, 2, 319, 320, 321, 1_000, 2_561, 24_000]],
  ['other-layers', 15, 5, [1, 4, 5, 14, 15, 16, 31, 77, 1_501]],
])('the codec with %s', (name, hop, firstFrames, lengths) => {
  const goldens = json(`${name}/codes.json`) as readonly Golden[];
  let weights: CodecEncoderWeights;
  let encoder: CodecEncoder & { release(): Promise<void> };

  beforeAll(async () => {
    weights = await readWeights(name);
    encoder = await openCodecEncoder(weights, { threads: 1 });
  });
  afterAll(() => encoder.release());

  test.each(lengths)('makes the codes of the reference of %i samples', async (samples) => {
    const expected = goldens.find((golden) => golden.samples === samples)?.codes.flat();
    const codes = await encoder.encode(beginning(samples), signal);
    expect(Array.from(codes)).toEqual(expected);
    expect(codes.length).toBe(8 * Math.ceil(samples / hop));
  });

  test('says how many frames the first chunk needs', () => {
    expect(encoder.hopSamples).toBe(hop);
    expect(firstChunkFrames(weights)).toBe(firstFrames);
  });

  test.each([1, 9 * hop, 11 * hop + 3])(
    'makes the same codes of a recording in chunks of about %i samples',
    async (chunkSamples) => {
      const inChunks = await openCodecEncoder(weights, { threads: 1, chunkSamples });
      const longest = Math.max(...lengths);
      // the last chunk is a whole frame, one sample, and something between
      for (const length of [longest, 20 * hop + 1, 30 * hop - 1, 22 * hop]) {
        const samples = beginning(length);
        const codes = await inChunks.encode(samples, signal);
        expect(Array.from(codes)).toEqual(Array.from(await encoder.encode(samples, signal)));
      }
      await inChunks.release();
    },
  );

  test('encodes recordings beside one another without mixing them', async () => {
    const [a, b] = [beginning(40 * hop), waveform(recording.slice(-35 * hop))];
    const alone = [await encoder.encode(a, signal), await encoder.encode(b, signal)];
    const beside = await Promise.all([encoder.encode(a, signal), encoder.encode(b, signal)]);
    expect(beside).toEqual(alone);
  });

  test('refuses an empty recording and samples that are no numbers', async () => {
    await expect(encoder.encode(beginning(0), signal)).rejects.toThrow('no samples');
    const broken = waveform(Float32Array.of(0, Number.NaN));
    await expect(encoder.encode(broken, signal)).rejects.toThrow(
      'Sample 1 of the recording is NaN',
    );
  });

  test('stops when it is aborted', async () => {
    const aborted = AbortSignal.abort(new Error('stop'));
    await expect(encoder.encode(beginning(1_000), aborted)).rejects.toThrow('stop');
  });
});
