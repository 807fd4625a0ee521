import { describe, expect, test } from 'vitest';
import type { Encoder } from './encoder.ts';
import { DEFAULT_FORMAT, FORMATS, isFormatName } from './formats.ts';

const SAMPLES = Int16Array.from({ length: 1_000 }, (_, i) => (i * 7_919) % 32_768);

function encode(encoder: Encoder, pieces: readonly Int16Array[]): Uint8Array {
  const bytes = [...pieces.map((piece) => Uint8Array.from(encoder.write(piece))), encoder.end()];
  return Uint8Array.from(bytes.flatMap((piece) => [...piece]));
}

function split(samples: Int16Array, sizes: readonly number[]): Int16Array[] {
  const pieces: Int16Array[] = [];
  for (let at = 0, i = 0; at < samples.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    pieces.push(samples.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe.each(Object.entries(FORMATS))('%s', (name, format) => {
  const whole = encode(format.encoder(24_000), [SAMPLES]);

  test.each([[[1]], [[2, 3]], [[0, 7, 0, 1]], [[999]], [[333, 334]]])(
    'is the same bytes when split into pieces of %j',
    (sizes) => {
      expect(encode(format.encoder(24_000), split(SAMPLES, sizes))).toEqual(whole);
    },
  );

  test('is a whole stream even of nothing', () => {
    const empty = encode(format.encoder(24_000), []);
    expect(empty.length).toBe(whole.length - 2 * SAMPLES.length);
  });

  test('ends with the samples, little endian', () => {
    const view = new DataView(whole.buffer, whole.length - 2 * SAMPLES.length);
    expect(view.getInt16(2 * 999, true)).toBe(SAMPLES[999]);
  });

  test('is known by its name', () => {
    expect(isFormatName(name)).toBe(true);
  });
});

test('the default is a format, and a property of every object is none', () => {
  expect(isFormatName(DEFAULT_FORMAT)).toBe(true);
  expect(isFormatName('toString')).toBe(false);
});
