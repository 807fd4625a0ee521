import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Encoder } from '#shared/audio/encoder.ts';
import { FORMATS, SAMPLED_FORMATS, type SampledFormat } from '#shared/audio/formats.ts';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { TRAINED_ALGORITHMIC_MEDIA } from '#shared/audio/synthetic-mark.ts';
import { speechSound } from '../../tests/workers/speech-sound.ts';
import { loadAudioLibrary } from '../../tests/workers/audio-libraries.ts';
import { AudioEncoders } from './encoders.ts';

const MODEL_RATE = 24_000;
const SPEECH = speechSound({ sampleRate: MODEL_RATE, seconds: 0.8 });
const NAMES = SAMPLED_FORMATS;
const encoders = new AudioEncoders(loadAudioLibrary);

async function opener(
  format: SampledFormat,
  { sampleRate = FORMATS[format].defaultRate as number, speed = 1, kilobits = 0 } = {},
): Promise<() => Encoder> {
  const rate = kilobits === 0 ? {} : { kilobits };
  const open = await encoders.prepare({ format, sampleRate, speed, ...rate });
  return () => open(MODEL_RATE);
}

function encode(encoder: Encoder, pieces: Iterable<Int16Array>): Uint8Array {
  const bytes = [encoder.begin()];
  for (const piece of pieces) bytes.push(encoder.write(piece));
  bytes.push(encoder.end());
  encoder.close();
  return joinBytes(bytes);
}

/** Quicker than comparing them one by one, and shorter when they differ. */
function digest(bytes: Uint8Array): string {
  return `${bytes.byteLength} bytes, ${createHash('sha256').update(bytes).digest('hex')}`;
}

function* split(samples: Int16Array, sizes: readonly number[]): Generator<Int16Array> {
  for (let at = 0, i = 0; at < samples.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    yield samples.slice(at, at + size);
    at += size;
  }
}

const SPLITS = [[1], [2, 3], [0, 7, 0, 1], [333, 334], [479, 1, 960], [4_096, 4_097], [20_000]];

describe.each([
  ['mp3', [8, 320]],
  ['opus', [6, 510]],
] as const)('%s', (format, bitRates) => {
  test.each(FORMATS[format].rates)(
    'at %i has every bit rate that can be asked for',
    async (sampleRate) => {
      const sizes: number[] = [];
      for (const kilobits of bitRates) {
        const open = await opener(format, { sampleRate, kilobits });
        sizes.push(encode(open(), [SPEECH]).byteLength);
      }
      expect(sizes[1]).toBeGreaterThan(2 * (sizes[0] ?? 0));
    },
  );
});

describe.each(NAMES)('%s', (format) => {
  test.each(SPLITS)('is the same bytes when split into pieces of %j...', async (...sizes) => {
    const open = await opener(format);
    expect(digest(encode(open(), split(SPEECH, sizes)))).toBe(digest(encode(open(), [SPEECH])));
  });

  test('is the same bytes however it is split at another rate and speed', async () => {
    const open = await opener(format, { sampleRate: 16_000, speed: 1.3 });
    const whole = digest(encode(open(), [SPEECH]));
    for (const sizes of SPLITS.slice(4)) {
      expect(digest(encode(open(), split(SPEECH, sizes)))).toBe(whole);
    }
  });

  test('is the same bytes when the line is kept alive in between', async () => {
    const open = await opener(format);
    const encoder = open();
    // a WAV says something between its head and its samples; all others only in advance
    const bytes = [encoder.begin(), encoder.write(SPEECH.slice(0, 9_000))];
    for (let i = 0; i < 400; i += 1) bytes.push(encoder.keepAlive());
    bytes.push(encoder.write(SPEECH.slice(9_000)), encoder.keepAlive(), encoder.end());
    encoder.close();
    expect(digest(joinBytes(bytes))).toBe(digest(encode(open(), [SPEECH])));
  });

  test('has something to send for minutes, once it has begun', async () => {
    const encoder = (await opener(format))();
    const isRaw = ['pcm', 'mulaw', 'alaw'].includes(format);
    expect(encoder.begin().byteLength > 0).toBe(!isRaw);
    if (isRaw) encoder.write(SPEECH);
    for (let i = 0; i < 299; i += 1) expect(encoder.keepAlive().byteLength).toBeGreaterThan(0);
    encoder.close();
  });

  test('does not change with samples that are overwritten once they were taken', async () => {
    const open = await opener(format);
    const encoder = open();
    const bytes = [encoder.begin()];
    for (const piece of split(SPEECH, [100])) {
      bytes.push(encoder.write(piece));
      piece.fill(-1);
    }
    bytes.push(encoder.end());
    encoder.close();
    expect(digest(joinBytes(bytes))).toBe(digest(encode(open(), [SPEECH])));
  });

  test('two streams at once do not hear each other', async () => {
    const open = await opener(format);
    const other = speechSound({ sampleRate: MODEL_RATE, seconds: 0.8, pitch: 210 });
    const [a, b] = [open(), open()];
    const [bytesOfA, bytesOfB] = [[a.begin()], [b.begin()]];
    for (let at = 0; at < SPEECH.length; at += 1_000) {
      bytesOfA.push(a.write(SPEECH.slice(at, at + 1_000)));
      bytesOfB.push(b.write(other.slice(at, at + 1_000)));
    }
    bytesOfA.push(a.end());
    bytesOfB.push(b.end());
    for (const encoder of [a, b]) encoder.close();
    expect(digest(joinBytes(bytesOfA))).toBe(digest(encode(open(), [SPEECH])));
    expect(digest(joinBytes(bytesOfB))).toBe(digest(encode(open(), [other])));
  });

  test('is a whole stream even of nothing', async () => {
    const open = await opener(format);
    const encoder = open();
    const bytes = encode(encoder, []);
    expect(bytes.byteLength > 0).toBe(!['pcm', 'mulaw', 'alaw'].includes(format));
    // closed already
    expect(() => encoder.close()).not.toThrow();
  });

  test('says that no human speaks, where it has a place for that', async () => {
    const text = new TextDecoder('latin1').decode(encode((await opener(format))(), [SPEECH]));
    expect(text.includes(TRAINED_ALGORITHMIC_MEDIA)).toBe(
      !['pcm', 'mulaw', 'alaw'].includes(format),
    );
  });
});

test.each<[SampledFormat, string, number]>([
  ['mp3', 'ID3', 0],
  ['opus', 'OggS', 0],
  ['opus', 'OpusHead', 28],
  ['aac', 'ID3', 0],
  ['flac', 'fLaC', 0],
  ['wav', 'RIFF', 0],
])('%s has %s at byte %i', async (format, magic, at) => {
  const bytes = encode((await opener(format))(), [SPEECH]);
  expect(new TextDecoder().decode(bytes.subarray(at, at + magic.length))).toBe(magic);
});

test('a library is loaded once, and again after it failed to load', async () => {
  let loads = 0;
  const counting = new AudioEncoders(async (name) => {
    loads += 1;
    if (loads === 1) throw new Error('not there');
    return loadAudioLibrary(name);
  });
  const shape = { format: 'opus', sampleRate: MODEL_RATE, speed: 1 } as const;
  await expect(counting.prepare(shape)).rejects.toThrow('not there');
  for (let i = 0; i < 3; i += 1) await counting.prepare(shape);
  expect(loads).toBe(2);
});

test.each([
  ['mp3', 44_100, 32],
  ['mp3', 44_100, 192],
  ['opus', 48_000, 24],
  ['opus', 48_000, 96],
] as const)(
  '%s at %i Hz has about %i kbit/s when that is asked for',
  async (format, sampleRate, kilobits) => {
    const open = await opener(format, { sampleRate, kilobits });
    const seconds = 2;
    const speech = speechSound({ sampleRate: MODEL_RATE, seconds });
    const bitsASecond = (8 * encode(open(), [speech]).byteLength) / seconds;
    // tags and the last frames weigh more in so short a sound
    expect(bitsASecond / (1_000 * kilobits)).toBeGreaterThan(0.6);
    expect(bitsASecond / (1_000 * kilobits)).toBeLessThan(1.4);
  },
);
