import { describe, expect, test } from 'vitest';
import type { Encoder } from './encoder.ts';
import { DEFAULT_FORMAT, FORMATS, isFormatName } from './formats.ts';
import { readWav } from './wav-file.ts';

const SAMPLES = Int16Array.from({ length: 1_000 }, (_, i) => (i * 7_919) % 32_768);

function encode(encoder: Encoder, pieces: readonly Int16Array[]): Uint8Array {
  return joined([encoder.begin(), ...pieces.map((piece) => encoder.write(piece)), encoder.end()]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
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

  test('is the same bytes when the line is kept alive between two sounds', () => {
    const encoder = format.encoder(24_000);
    const bytes = [encoder.begin(), encoder.write(SAMPLES.slice(0, 400))];
    // longer than there is anything to send
    for (let i = 0; i < 400; i += 1) bytes.push(encoder.keepAlive());
    bytes.push(encoder.write(SAMPLES.slice(400)), encoder.keepAlive(), encoder.end());
    expect(joined(bytes)).toEqual(whole);
  });

  test('has something to send for minutes between two sounds', () => {
    const encoder = format.encoder(24_000);
    encoder.begin();
    encoder.write(SAMPLES);
    for (let i = 0; i < 300; i += 1) expect(encoder.keepAlive()).toHaveLength(2);
    expect(encoder.keepAlive()).toHaveLength(0);
  });

  test('does not change with samples that are overwritten once they were taken', () => {
    const encoder = format.encoder(24_000);
    const pieces = split(SAMPLES, [100]).map((piece) => {
      const mine = piece.slice();
      const bytes = encoder.write(mine);
      mine.fill(-1);
      return bytes;
    });
    expect(joined([format.encoder(24_000).begin(), ...pieces, encoder.end()])).toEqual(whole);
  });

  test('is known by its name', () => {
    expect(isFormatName(name)).toBe(true);
  });
});

describe('a wav that is waited for', () => {
  test.each([[[1]], [[299, 1, 2]], [[1_000]]])(
    'is read the same, in pieces of %j with junk around them',
    (sizes) => {
      const encoder = FORMATS.wav.encoder(24_000);
      const bytes = [encoder.begin(), encoder.keepAlive(), encoder.keepAlive()];
      for (const piece of split(SAMPLES, sizes))
        bytes.push(encoder.write(piece), encoder.keepAlive());
      bytes.push(encoder.end());
      const { samples, sampleRate } = readWav(joined(bytes));
      expect(sampleRate).toBe(24_000);
      expect(samples).toEqual(Float32Array.from(SAMPLES, (sample) => sample / 32_768));
    },
  );

  test('is whole at every second, and canonical when it was not', () => {
    const encoder = FORMATS.wav.encoder(24_000);
    expect(encoder.begin()).toHaveLength(36);
    expect(new TextDecoder().decode(encoder.keepAlive())).toBe(`JUNK\x08${'\0'.repeat(11)}`);
    const quick = encode(FORMATS.wav.encoder(24_000), [SAMPLES]);
    expect(new TextDecoder().decode(quick.subarray(36, 40))).toBe('data');
  });
});

test('pcm has nothing to send before the first sample', () => {
  expect(FORMATS.pcm.encoder().keepAlive()).toHaveLength(0);
});

test('the default is a format, and a property of every object is none', () => {
  expect(isFormatName(DEFAULT_FORMAT)).toBe(true);
  expect(isFormatName('toString')).toBe(false);
});
