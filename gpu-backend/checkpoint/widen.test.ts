import { expect, test } from 'vitest';
import { widen } from './widen.ts';

/** By the definition of binary16: sign, exponent, fraction. */
function valueOfHalf(half: number): number {
  const sign = half >> 15 === 1 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1_024) * 2 ** (exponent - 15);
}

test('all 65 536 halves widen to their value', () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  const widened = new Float32Array(65_536);
  widen(new Uint8Array(halves.buffer), 'F16', widened);
  expect(widened).toEqual(Float32Array.from(halves, valueOfHalf));
  expect(Object.is(widened[0x8000], -0)).toBe(true);
});

test('bfloat16 is the upper half of a float', () => {
  const floats = Float32Array.of(1, -2.5, 0, Infinity);
  const upper = Uint16Array.from(new Uint32Array(floats.buffer), (bits) => bits >>> 16);
  const widened = new Float32Array(4);
  widen(new Uint8Array(upper.buffer), 'BF16', widened);
  expect(widened).toEqual(floats);
});

test('views into larger buffers are left alone around their ends', () => {
  const bytes = Uint8Array.of(9, 0x00, 0x3c, 0x00, 0xc0, 9).subarray(1, 5); // 1, -2
  const around = Float32Array.of(7, 7, 7, 7);
  widen(bytes, 'F16', around.subarray(1, 3));
  expect(around).toEqual(Float32Array.of(7, 1, -2, 7));
});
