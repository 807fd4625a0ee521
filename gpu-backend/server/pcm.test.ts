import { describe, expect, test } from 'vitest';
import { encodePcm } from './pcm.ts';

function decoded(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 2 }, (_, i) => view.getInt16(2 * i, true));
}

describe('waveform to s16le', () => {
  test.each([
    [0, 0],
    [1, 32_767],
    [-1, -32_767],
    [1.7, 32_767],
    [-3, -32_767],
    [Number.POSITIVE_INFINITY, 32_767],
    [Number.NaN, 0],
    [0.4 / 32_767, 0],
    [0.6 / 32_767, 1],
    [-0.6 / 32_767, -1],
  ])('%d becomes %d', (sample, expected) => {
    expect(decoded(encodePcm(Float32Array.of(sample)))[0]).toBe(expected);
  });

  test('the low byte comes first', () => {
    expect([...encodePcm(Float32Array.of(258 / 32_767))]).toEqual([2, 1]);
  });

  test('a view into a larger buffer gives only its own samples', () => {
    const all = Float32Array.of(1, 0, -1, 1);
    expect(decoded(encodePcm(all.subarray(1, 3)))).toEqual([0, -32_767]);
  });
});
