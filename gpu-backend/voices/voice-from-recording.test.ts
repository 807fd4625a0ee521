import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readWav } from '#shared/audio/wav-file.ts';
import { fineCodes } from '#shared/bark/shapes.ts';
import { parseConfig } from '../checkpoint/config.ts';
import { readCodecEncoder } from '../checkpoint/encoder-weights.ts';
import { parseGenerationConfig } from '../checkpoint/generation-config.ts';
import { openSafetensors } from '../checkpoint/safetensors.ts';
import { openCodecEncoder, type CodecEncoder } from '../models/codec-encoder.ts';
import { voiceFromRecording } from './voice-from-recording.ts';

const { signal } = new AbortController();
const generation = parseGenerationConfig(undefined);
const tokens = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);
const tone = (seconds: number, sampleRate: number): Float32Array =>
  Float32Array.from({ length: seconds * sampleRate }, (_, i) => Math.sin(i / 20));

/** Codes that tell their place, and how many samples were asked for. */
function countingEncoder(): CodecEncoder & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    sampleRate: 24_000,
    hopSamples: 320,
    encode: async (samples) => {
      asked.push(samples.length);
      const frames = Math.ceil(samples.length / 320);
      return fineCodes(
        Int32Array.from(
          { length: 8 * frames },
          (_, i) => Math.floor(i / frames) * 100 + ((i % frames) % 100),
        ),
        1_024,
      );
    },
  };
}

describe('the lengths', () => {
  test.each([24_000, 44_100, 8_000])(
    'of a recording at %i Hz and its reading fit',
    async (sampleRate) => {
      const encoder = countingEncoder();
      const voice = await voiceFromRecording(
        { samples: tone(2, sampleRate), sampleRate },
        Int32Array.of(...tokens(100), 10_000),
        { encoder, generation },
        signal,
      );
      expect(encoder.asked).toEqual([48_000]);
      expect(voice.semanticPrompt.length).toBe(100);
      expect(voice.finePrompt.length).toBe(8 * 150);
      expect(voice.coarsePrompt).toEqual(voice.finePrompt.subarray(0, 2 * 150));
    },
  );

  test.each([
    [85, 85, 127],
    [120, 100, 150],
  ])('of %i tokens to 2 s are cut to %i and %i frames', async (read, kept, frames) => {
    const recording = { samples: tone(2, 24_000), sampleRate: 24_000 };
    const tools = { encoder: countingEncoder(), generation };
    const voice = await voiceFromRecording(recording, tokens(read), tools, signal);
    expect(voice.semanticPrompt.length).toBe(kept);
    expect([...voice.semanticPrompt.subarray(0, 3)]).toEqual([0, 1, 2]);
    expect(voice.finePrompt.length).toBe(8 * frames);
    expect(voice.finePrompt[7 * frames]).toBe(700);
  });
});

describe('refused before anything is encoded is', () => {
  const speech = (seconds: number) => ({ samples: tone(seconds, 8_000), sampleRate: 8_000 });
  test.each([
    [
      'a reading that is much longer',
      speech(2),
      200,
      'lasts 2.0 s, its transcript as it was read 4.0 s',
    ],
    ['a reading that is much shorter', speech(2), 20, 'Give exactly the words of the recording'],
    ['no reading', speech(2), 0, '0 semantic tokens'],
    ['no recording', speech(0), 100, 'silent'],
    ['silence', { samples: new Float32Array(16_000), sampleRate: 8_000 }, 100, 'silent'],
    ['a lecture', speech(121), 100, 'lasts 121.0 s; a voice is at most 120 s'],
    ['an odd rate', { samples: tone(2, 4_000), sampleRate: 4_000 }, 100, 'sample rate 4000'],
  ])('%s', async (_, recording, count, message) => {
    const encoder = countingEncoder();
    const making = voiceFromRecording(recording, tokens(count), { encoder, generation }, signal);
    await expect(making).rejects.toThrow(RangeError);
    await expect(making).rejects.toThrow(message);
    expect(encoder.asked).toEqual([]);
  });
});

test('a WAV file becomes a voice whose codes are those of the reference', async () => {
  const fixtures = fileURLToPath(new URL('../../tests/fixtures/golden-codec', import.meta.url));
  const codec = `${fixtures}/published-layers`;
  const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
  const tensors = await openSafetensors(`${codec}/model.safetensors`);
  const config = parseConfig(json(`${codec}/config.json`)).codec;
  const encoder = await openCodecEncoder(await readCodecEncoder(tensors, config, 8), {
    threads: 1,
  });
  const recording = readWav(readFileSync(`${fixtures}/recording.wav`));

  const voice = await voiceFromRecording(recording, tokens(50), { encoder, generation }, signal);

  const goldens = json(`${codec}/codes.json`) as { samples: number; codes: number[][] }[];
  const expected = goldens.find(({ samples }) => samples === 24_000)?.codes;
  expect([...voice.finePrompt]).toEqual(expected?.flat());
  expect([...voice.coarsePrompt]).toEqual(expected?.slice(0, 2).flat());
  await encoder.release();
  await tensors.close();
});
