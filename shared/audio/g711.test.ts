import { describe, expect, test } from 'vitest';
import { aLawByte, aLawEncoder, muLawByte, muLawEncoder } from './g711.ts';

/** What a byte sounds like, after ITU-T G.711's tables 2a and 2b, at 16 bits. */
function muLawSample(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 1) + 33) << ((bits >> 4) & 7)) - 33;
  return 4 * (bits & 0x80 ? -magnitude : magnitude);
}
function aLawSample(byte: number): number {
  const bits = byte ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = ((bits & 0x0f) << 1) + 1;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 32) << (exponent - 1);
  return 8 * (bits & 0x80 ? magnitude : -magnitude);
}

const ALL_SAMPLES = Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const ALL_BYTES = Array.from({ length: 256 }, (_, i) => i);

describe('mu-law', () => {
  test.each([
    [0, 0xff],
    [-1, 0x7f],
    [1_000, 0xce],
    [8_000, 0xa0],
    [-8_000, 0x20],
    [16_000, 0x90],
    [32_767, 0x80],
    [-32_768, 0x00],
  ])('%i is the byte %i', (sample, byte) => expect(muLawByte(sample)).toBe(byte));

  test('every byte stands for a sample that it is made of', () => {
    // the second zero, -0, is 0 as a sample
    for (const byte of ALL_BYTES.filter((each) => each !== 0x7f)) {
      expect(muLawByte(muLawSample(byte))).toBe(byte);
    }
  });

  test('no sample is further off than half a step of its segment', () => {
    const off = ALL_SAMPLES.filter((sample) => {
      // the loudest byte is clipped; else half a step of the segment, and the two bits that are cut off
      const step = 2 ** Math.max(3, Math.floor(Math.log2(Math.abs(sample) + 132)) - 4);
      const most = Math.abs(sample) > 32_124 ? 644 : step / 2 + 4;
      return Math.abs(muLawSample(muLawByte(sample)) - sample) > most;
    });
    expect(off).toEqual([]);
  });
});

describe('A-law', () => {
  test.each([
    [0, 0xd5],
    [-1, 0x55],
    [1_000, 0xfa],
    [8_000, 0x8a],
    [-8_000, 0x0a],
    [32_767, 0xaa],
    [-32_768, 0x2a],
  ])('%i is the byte %i', (sample, byte) => expect(aLawByte(sample)).toBe(byte));

  test('every byte stands for a sample that it is made of', () => {
    for (const byte of ALL_BYTES) expect(aLawByte(aLawSample(byte))).toBe(byte);
  });

  test('no sample is further off than half a step of its segment', () => {
    const off = ALL_SAMPLES.filter((sample) => {
      const step = 2 ** Math.max(4, Math.floor(Math.log2(Math.abs(sample) + 1)) - 4);
      return Math.abs(aLawSample(aLawByte(sample)) - sample) > step / 2;
    });
    expect(off).toEqual([]);
  });
});

test('a byte a sample, at once', () => {
  expect(muLawEncoder().write(Int16Array.of(0, 1_000))).toEqual(Uint8Array.of(0xff, 0xce));
  expect(aLawEncoder().write(Int16Array.of(0, 8_000))).toEqual(Uint8Array.of(0xd5, 0x8a));
});
