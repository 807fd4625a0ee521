/** Streamed sentences of the embedded checkpoint against the whole-batch path, sample by sample. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LatencyMode, SpeechOptions } from '#shared/bark/options.ts';
import { textTokens } from '#shared/bark/shapes.ts';
import { readVoiceNpys } from '#shared/bark/voice-file.ts';
import type { Voice } from '#shared/bark/voice.ts';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import { openBarkModels, type LoadedModels } from '../models/bark-models.ts';
import { joinWaveforms } from './codec.ts';
import { generate } from './generate.ts';
import { philoxRandomness } from './randomness.ts';
import { synthesize } from './synthesize.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const TEXT = textTokens(Int32Array.of(5, 6, 7, 8));
const { signal } = new AbortController();

let checkpoint: Checkpoint;
let models: LoadedModels;
let voice: Voice;

beforeAll(async () => {
  checkpoint = await openCheckpoint(TINY);
  models = await openBarkModels(checkpoint, { threads: 1 });
  await checkpoint.tensors.close();
  const read = (key: string): Promise<Uint8Array> =>
    readFile(join(TINY, 'speaker_embeddings', `v2/en_speaker_0_${key}.npy`));
  voice = readVoiceNpys({
    semantic_prompt: await read('semantic_prompt'),
    coarse_prompt: await read('coarse_prompt'),
    fine_prompt: await read('fine_prompt'),
  });
});
afterAll(() => models?.release());

/** Exactly `tokens` semantic tokens, so that a test knows its windows. */
const lasting = (tokens: number): SpeechOptions => ({
  semantic: { minNewTokens: tokens, maxNewTokens: tokens },
});

async function streamed(
  options: SpeechOptions,
  whose: Voice | null,
  latency: LatencyMode,
): Promise<Float32Array> {
  const events = synthesize(
    { models, generation: checkpoint.generation, randomness: philoxRandomness, now: () => 0 },
    { text: TEXT, voice: whose, options, latency, seed: 11, row: 0 },
    signal,
  );
  const pieces = [];
  for await (const event of events) if (event.type === 'audio') pieces.push(event.samples);
  return joinWaveforms(pieces);
}

async function whole(options: SpeechOptions, whose: Voice | null): Promise<Float32Array> {
  const [row] = await generate(
    models,
    checkpoint.generation,
    {
      rows: [TEXT],
      voice: whose,
      options,
      cutToLength: true,
      rowIndependentFine: true,
      randomness: philoxRandomness(11),
    },
    signal,
  );
  return row?.audio ?? new Float32Array(0);
}

describe('exact streaming', () => {
  test.each([
    [3, 'no voice', null],
    [120, 'no voice', null],
    [120, 'a voice', 'voice'],
    [560, 'a voice', 'voice'],
  ] as const)(
    'of %d semantic tokens with %s is the whole-batch audio',
    async (tokens, _name, whose) => {
      const used = whose === null ? null : voice;
      const audio = await streamed(lasting(tokens), used, 'exact');
      expect(audio.length).toBe(320 * Math.floor((tokens * 75) / 49.9));
      const expected = await whole(lasting(tokens), used);
      const largest = audio.reduce(
        (most, sample, i) => Math.max(most, Math.abs(sample - (expected[i] ?? Number.NaN))),
        0,
      );
      // other chunk lengths, other kernels: the last bit of a float may differ
      expect(largest).toBeLessThan(1e-6);
    },
  );
});

describe.each(['balanced', 'fast'] as const)('%s streaming', (latency) => {
  test('gives as many samples as exact and the same take again', async () => {
    const audio = await streamed(lasting(150), voice, latency);
    expect(audio.length).toBe(320 * Math.floor((150 * 75) / 49.9));
    expect(await streamed(lasting(150), voice, latency)).toEqual(audio);
  });

  test('speaks even one frame', async () => {
    expect((await streamed(lasting(1), voice, latency)).length).toBe(320);
  });
});
