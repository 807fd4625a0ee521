import { describe, expect, test } from 'vitest';
import { bytesFromSamples, samplesFromBytes, silence } from './pcm.ts';

describe('s16le samples', () => {
  const bytes = Uint8Array.of(0x01, 0x00, 0xff, 0x7f, 0x00, 0x80);

  test('are little endian and signed', () => {
    expect([...samplesFromBytes(bytes)]).toEqual([1, 32_767, -32_768]);
  });

  test.each([0, 1, 2, 3])('are the same in a view at byte %i of a larger buffer', (offset) => {
    const larger = new Uint8Array(20).fill(0xaa);
    larger.set(bytes, offset);
    const view = larger.subarray(offset, offset + bytes.length);
    expect([...samplesFromBytes(view)]).toEqual([1, 32_767, -32_768]);
  });

  test('give back their bytes, and only theirs', () => {
    const samples = Int16Array.of(9, 1, -2, 9).subarray(1, 3);
    expect([...bytesFromSamples(samples)]).toEqual([1, 0, 0xfe, 0xff]);
  });

  test('do not come in halves', () => {
    expect(() => samplesFromBytes(new Uint8Array(3))).toThrow(RangeError);
  });

  test('a quarter of a second of silence is 6 000 zeros', () => {
    const quiet = silence(250, 24_000);
    expect(quiet).toHaveLength(6_000);
    expect(quiet.every((sample) => sample === 0)).toBe(true);
  });
});
