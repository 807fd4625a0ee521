/** Float matrices to the integer layouts that ONNX Runtime's kernels read. Matrices are [out, in] row by row. */

/** A matrix for DynamicQuantizeMatMul: one scale a column of [in, out], no zero points. */
export interface ColumnQuantized {
  /** [in, out], -127..127. */
  readonly values: Int8Array<ArrayBuffer>;
  /** [out]. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/** A matrix for MatMulNBits: one scale a block of inputs, zero points in the middle. */
export interface BlockQuantized {
  /** [out, blocks, bytes of a block]; at four bits the earlier value is in the low half. */
  readonly values: Uint8Array<ArrayBuffer>;
  /** [out, blocks]. */
  readonly scales: Float32Array<ArrayBuffer>;
  readonly blockSize: number;
}

/** Columns that are turned at once, so that the writes of one tile stay in the cache. */
const TILE = 64;

/** Rounds every output's weights to 255 levels and turns the matrix. */
export function quantizeColumns(
  weight: Float32Array,
  outputs: number,
  inputs: number,
): ColumnQuantized {
  const values = new Int8Array(outputs * inputs);
  const scales = new Float32Array(outputs);
  const inverses = new Float64Array(TILE);
  for (let first = 0; first < outputs; first += TILE) {
    const count = Math.min(TILE, outputs - first);
    for (let o = 0; o < count; o += 1) {
      const scale = largest(weight, (first + o) * inputs, (first + o + 1) * inputs) / 127;
      scales[first + o] = scale;
      inverses[o] = inverse(scale);
    }
    for (let i = 0; i < inputs; i += 1) {
      const target = i * outputs + first;
      for (let o = 0; o < count; o += 1) {
        const value = (weight[(first + o) * inputs + i] ?? 0) * (inverses[o] ?? 0);
        values[target + o] = rounded(value, 128) - 128;
      }
    }
  }
  return { values, scales };
}

/** Rounds every block of `blockSize` inputs to 2^bits - 1 levels; inputs beyond the last are zero. */
export function quantizeBlocks(
  weight: Float32Array,
  outputs: number,
  inputs: number,
  bits: 4 | 8,
): BlockQuantized {
  const blockSize = blockSizeFor(inputs, bits);
  const blocks = Math.ceil(inputs / blockSize);
  const middle = 2 ** (bits - 1);
  const scales = new Float32Array(outputs * blocks);
  const perByte = 8 / bits;
  const values = new Uint8Array((outputs * blocks * blockSize) / perByte);
  for (let o = 0; o < outputs; o += 1) {
    for (let b = 0; b < blocks; b += 1) {
      const from = o * inputs + b * blockSize;
      const until = Math.min(from + blockSize, (o + 1) * inputs);
      const scale = largest(weight, from, until) / (middle - 1);
      const factor = inverse(scale);
      scales[o * blocks + b] = scale;
      const target = (o * blocks + b) * blockSize;
      const count = until - from;
      if (bits === 8) {
        for (let i = 0; i < count; i += 1) {
          values[target + i] = rounded((weight[from + i] ?? 0) * factor, middle);
        }
        values.fill(middle, target + count, target + blockSize);
      } else {
        for (let i = 0; i < blockSize; i += 2) {
          const low = i < count ? (weight[from + i] ?? 0) * factor : 0;
          const high = i + 1 < count ? (weight[from + i + 1] ?? 0) * factor : 0;
          values[(target + i) >> 1] = rounded(low, middle) | (rounded(high, middle) << 4);
        }
      }
    }
  }
  return { values, scales, blockSize };
}

/**
 * Sizes at which the kernels give a row the same bits alone and among others; one size up each is
 * faster for one row alone, and another sum.
 */
function blockSizeFor(inputs: number, bits: 4 | 8): number {
  const sizes = bits === 8 ? [64, 32] : [32];
  return sizes.find((size) => inputs % size === 0) ?? 16;
}

/** The nearest integer, plus `middle`, which makes it positive: truncation is then rounding. */
function rounded(value: number, middle: number): number {
  return (value + middle + 0.5) | 0;
}

/** Zero for the scale of weights that are all zero. */
function inverse(scale: number): number {
  return scale > 0 ? 1 / scale : 0;
}

function largest(values: Float32Array, from: number, until: number): number {
  let found = 0;
  for (let i = from; i < until; i += 1) {
    const size = Math.abs(values[i] ?? 0);
    if (size > found) found = size;
  }
  return found;
}
