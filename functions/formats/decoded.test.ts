/** What an independent decoder hears in every format; skipped aloud where there is no ffmpeg. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { FORMATS, SAMPLED_FORMATS, type SampledFormat } from '#shared/audio/formats.ts';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { speechSound } from '../../tests/workers/speech-sound.ts';
import { loadAudioLibrary } from '../../tests/workers/audio-libraries.ts';
import { AudioEncoders } from './encoders.ts';

const MODEL_RATE = 24_000;
const SPEECH = speechSound({ sampleRate: MODEL_RATE, seconds: 2.5 });
const encoders = new AudioEncoders(loadAudioLibrary);
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

interface Take {
  readonly format: SampledFormat;
  readonly sampleRate?: number;
  readonly speed?: number;
  readonly samples?: Int16Array;
}

async function bytesOf({
  format,
  sampleRate = FORMATS[format].defaultRate,
  speed = 1,
  samples = SPEECH,
}: Take): Promise<Uint8Array> {
  const encoder = (await encoders.prepare({ format, sampleRate, speed }))(MODEL_RATE);
  const bytes = [encoder.begin()];
  for (let at = 0; at < samples.length; at += 320) {
    bytes.push(encoder.write(samples.slice(at, at + 320)));
  }
  bytes.push(encoder.end());
  encoder.close();
  return joinBytes(bytes);
}

/** Samples at the model's rate. */
async function heard(take: Take): Promise<Int16Array> {
  const rate = String(take.sampleRate ?? FORMATS[take.format].defaultRate);
  const raw: Partial<Record<SampledFormat, string>> = {
    pcm: 's16le',
    mulaw: 'mulaw',
    alaw: 'alaw',
  };
  const input = raw[take.format] === undefined ? [] : ['-f', raw[take.format] ?? '', '-ar', rate];
  const { status, stdout, stderr } = spawnSync(
    'ffmpeg',
    ['-v', 'error', ...input, '-i', '-', '-f', 's16le', '-ac', '1', '-ar', '24000', '-'],
    { input: await bytesOf(take), maxBuffer: 2 ** 26 },
  );
  expect(String(stderr)).toBe('');
  expect(status).toBe(0);
  return new Int16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
}

/** Signal to noise in dB of what was heard `delay` samples late. */
function signalToNoise(reference: Int16Array, decoded: Int16Array, delay: number): number {
  let signal = 0;
  let noise = 0;
  for (const [i, sample] of reference.entries()) {
    signal += sample ** 2;
    noise += (sample - (decoded[i + delay] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe.skipIf(!hasFfmpeg)('ffmpeg hears', () => {
  // delays in samples: LAME's 576 and a decoder's 529, AAC's first frame; all others know their own
  test.each<[SampledFormat, number, number, number]>([
    ['mp3', 1_105, 576 * 4, 20],
    ['opus', 0, 0, 15],
    ['aac', 1_024, 2 * 1_024, 20],
    ['flac', 0, 0, Number.POSITIVE_INFINITY],
    ['wav', 0, 0, Number.POSITIVE_INFINITY],
    ['pcm', 0, 0, Number.POSITIVE_INFINITY],
  ])('what was spoken, as %s: %i samples late', async (format, delay, padding, decibels) => {
    const decoded = await heard({ format });
    expect(decoded.length).toBeGreaterThanOrEqual(SPEECH.length + delay);
    expect(decoded.length).toBeLessThanOrEqual(SPEECH.length + padding);
    expect(signalToNoise(SPEECH, decoded, delay)).toBeGreaterThanOrEqual(decibels);
  });

  test.each<[SampledFormat, number]>(
    SAMPLED_FORMATS.flatMap((format) =>
      [8_000, 16_000, 48_000].map((rate): [SampledFormat, number] => [format, rate]),
    ),
  )('a low tone in %s at %i Hz, at its own pitch and loudness', async (format, sampleRate) => {
    const samples = Int16Array.from({ length: MODEL_RATE }, (_, i) =>
      Math.round(10_000 * Math.sin((2 * Math.PI * 440 * i) / MODEL_RATE)),
    );
    const decoded = await heard({ format, sampleRate, samples });
    const middle = decoded.subarray(6_000, 18_000);
    // one crossing more or less
    expect(Math.abs(pitchOf(middle) - 440)).toBeLessThanOrEqual(2);
    const loudness = Math.sqrt(middle.reduce((sum, sample) => sum + sample ** 2, 0) / 12_000);
    // LAME makes all 5 % quieter, so that no peak is clipped when it is decoded
    expect(loudness / (10_000 / Math.SQRT2)).toBeGreaterThan(0.94);
    expect(loudness / (10_000 / Math.SQRT2)).toBeLessThan(1.02);
  });
});

describe.skipIf(!hasFfmpeg)('what callers of others complain about:', () => {
  test('a telephone that sounds harsh: what 8000 Hz can not carry is not mirrored into it', async () => {
    const hiss = Int16Array.from({ length: MODEL_RATE }, (_, i) =>
      Math.round(10_000 * Math.sin((2 * Math.PI * 5_000 * i) / MODEL_RATE)),
    );
    const decoded = await heard({ format: 'mulaw', samples: hiss });
    const middle = decoded.subarray(2_000, 22_000);
    expect(middle.every((sample) => Math.abs(sample) <= 8)).toBe(true);
  });

  test.each(['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm', 'mulaw', 'alaw'] as const)(
    'an end that is lost: the last 20 ms are heard in %s',
    async (format) => {
      const samples = new Int16Array(Math.round(1.234 * MODEL_RATE));
      for (let i = samples.length - 480; i < samples.length; i += 1) {
        samples[i] = Math.round(10_000 * Math.sin((2 * Math.PI * 1_000 * i) / MODEL_RATE));
      }
      const end = (await heard({ format, samples })).subarray(samples.length - 480);
      const loudest = end.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      expect(loudest).toBeGreaterThan(7_000);
    },
  );

  test('a player that stops after seconds: no frame says how long an mp3 is', async () => {
    const text = new TextDecoder('latin1').decode(await bytesOf({ format: 'mp3' }));
    expect(['Xing', 'Info', 'VBRI'].filter((name) => text.includes(name))).toEqual([]);
  });
});

describe.skipIf(!hasFfmpeg)('ffprobe accepts', () => {
  test.each(['mp3', 'opus', 'aac', 'flac', 'wav'] as const)('%s, with its mark', async (format) => {
    const { stdout, stderr } = spawnSync(
      'ffprobe',
      ['-v', 'error', '-show_entries', 'stream=codec_name,channels:format_tags:stream_tags', '-'],
      { input: await bytesOf({ format }) },
    );
    expect(String(stderr)).toBe('');
    expect(String(stdout)).toContain('channels=1');
    expect(String(stdout)).toContain('trainedAlgorithmicMedia');
  });
});

/** In Hz, by the zero crossings of a pure tone. */
function pitchOf(samples: Int16Array): number {
  let crossings = 0;
  for (let i = 1; i < samples.length; i += 1) {
    if ((samples[i - 1] ?? 0) < 0 && (samples[i] ?? 0) >= 0) crossings += 1;
  }
  return (crossings * MODEL_RATE) / samples.length;
}
