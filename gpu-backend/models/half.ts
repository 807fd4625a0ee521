/** Half-precision numbers in memory: rounded to nearest even, widened through a table of all 65 536. */

let floats: Float32Array | null = null;

/** What each half means, by its bits; made when first wanted, 256 kB, read only. */
export function halfToFloat(): Float32Array {
  floats ??= Float32Array.from({ length: 65_536 }, (_, bits) => valueOf(bits));
  return floats;
}

function valueOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Rounds to halves; numbers beyond 65 504 become infinite. */
export function toHalves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < halves.length; i += 1) halves[i] = halfOf(bits[i] ?? 0);
  return halves;
}

/** Bits of a float to bits of the nearest half, ties to even. */
function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fff_ffff;
  if (size > 0x7f80_0000) return sign | 0x7e00;
  // 65 520 and above round to infinity
  if (size >= 0x477f_f000) return sign | 0x7c00;
  if (size >= 0x3880_0000) {
    // the exponent's bias falls from 127 to 15; a carry from the fraction moves it up rightly
    const even = (size >>> 13) & 1;
    return sign | ((size - 0x3800_0000 + 0xfff + even) >>> 13);
  }
  if (size < 0x3300_0000) return sign;
  // a subnormal: the fraction with its leading one, shifted down and rounded
  const shift = 126 - (size >>> 23);
  const fraction = (size & 0x7f_ffff) | 0x80_0000;
  const low = fraction & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const kept = fraction >>> shift;
  return sign | (kept + (low > middle || (low === middle && (kept & 1) === 1) ? 1 : 0));
}
