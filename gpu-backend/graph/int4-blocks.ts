/** Four bits a weight, in the layout that MatMulNBits reads. */
import { scaleOf } from './scale.ts';

export interface Int4Blocks {
  /** [out, blocks, bytes of a block]; the earlier value is in the low half, zero is 8. */
  readonly values: Uint8Array<ArrayBuffer>;
  /** [out, blocks]. */
  readonly scales: Float32Array<ArrayBuffer>;
  readonly blockSize: number;
}

const ZERO = 8;
/**
 * The size at which the kernel gives a row the same bits alone and among others; one size up is faster for one
 * row alone, and another sum. Narrow matrices take the smallest there is.
 */
const BLOCK_SIZES = [32, 16] as const;

/** Rounds every block of inputs of `weight` [out, in] to 15 levels; inputs beyond the last are zero. */
export function roundBlocks(weight: Float32Array, outputs: number, inputs: number): Int4Blocks {
  const blockSize = BLOCK_SIZES.find((size) => inputs % size === 0) ?? 16;
  const blocks = Math.ceil(inputs / blockSize);
  const scales = new Float32Array(outputs * blocks);
  const values = new Uint8Array((outputs * blocks * blockSize) / 2);
  for (let block = 0; block < scales.length; block += 1) {
    const from = Math.floor(block / blocks) * inputs + (block % blocks) * blockSize;
    const count = Math.min(blockSize, inputs - (block % blocks) * blockSize);
    const scale = scaleOf(weight, from, from + count, ZERO - 1);
    const factor = scale > 0 ? 1 / scale : 0;
    scales[block] = scale;
    const rounded = (i: number): number =>
      i < count ? ((weight[from + i] ?? 0) * factor + ZERO + 0.5) | 0 : ZERO;
    for (let i = 0; i < blockSize; i += 2) {
      values[(block * blockSize + i) / 2] = rounded(i) | (rounded(i + 1) << 4);
    }
  }
  return { values, scales, blockSize };
}
