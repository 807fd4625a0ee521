/** Half-precision numbers to 32-bit floats; exact, since every half is a float. */
import type { FloatType } from './tensors.ts';

/**
 * Widens little-endian `bytes`, a whole number of elements of `dtype`, into `target` from its start.
 * `target` must be at least as long; infinities and NaN stay what they are.
 */
export function widen(
  bytes: Uint8Array,
  dtype: Exclude<FloatType, 'F32'>,
  target: Float32Array,
): void {
  const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
  const count = bytes.length >> 1;
  for (let i = 0; i < count; i += 1) {
    const half = (bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8);
    bits[i] = dtype === 'BF16' ? half << 16 : floatBits(half);
  }
}

/** IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits) to the bits of binary32. */
function floatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f80_0000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13); // 127 - 15
  if (fraction === 0) return sign;
  // a subnormal is fraction * 2^-24: shift its leading bit to the implicit one
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}
