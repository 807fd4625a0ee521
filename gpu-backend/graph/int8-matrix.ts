/**
 * A matrix of eight bits as ONNX Runtime's integer kernels read it: one scale an output, no zero points.
 * It is filled row by row, so that the numbers it is made of need never be in memory together.
 */
import type { RoundedRows } from '../checkpoint/tensors.ts';
import { scaleOf } from './scale.ts';

/** Rows that are turned at once, so that the writes of one tile stay in the cache. */
const TILE = 64;

export class Int8Matrix {
  readonly outputs: number;
  readonly inputs: number;
  /** [in, out], -127..127. */
  readonly values: Int8Array<ArrayBuffer>;
  /** [out]; a weight is its value times the scale of its output. */
  readonly scales: Float32Array<ArrayBuffer>;

  /** All zeros. */
  constructor(outputs: number, inputs: number) {
    this.outputs = outputs;
    this.inputs = inputs;
    this.values = new Int8Array(outputs * inputs);
    this.scales = new Float32Array(outputs);
  }

  /** Rounds rows of weights, [rows, in]; the first is that of the output `first`. */
  round(rows: Float32Array, first = 0): this {
    return this.set(roundRows(rows, this.inputs), first);
  }

  /** Takes over rows that are rounded. */
  set({ values: rows, scales }: RoundedRows, first = 0): this {
    const { inputs, outputs, values } = this;
    this.scales.set(scales, first);
    for (let tile = 0; tile < scales.length; tile += TILE) {
      const end = Math.min(scales.length, tile + TILE);
      for (let i = 0; i < inputs; i += 1) {
        const target = i * outputs + first;
        for (let o = tile; o < end; o += 1) values[target + o] = rows[o * inputs + i] ?? 0;
      }
    }
    return this;
  }

  /** A matrix of some of the outputs. */
  part(from: number, until: number): Int8Matrix {
    const part = new Int8Matrix(until - from, this.inputs);
    part.scales.set(this.scales.subarray(from, until));
    for (let i = 0; i < this.inputs; i += 1) {
      const row = i * this.outputs;
      part.values.set(this.values.subarray(row + from, row + until), i * part.outputs);
    }
    return part;
  }
}

/** Rounds rows of weights, [rows, inputs], to 255 levels each. */
export function roundRows(rows: Float32Array, inputs: number): RoundedRows {
  const values = new Int8Array(rows.length);
  const scales = new Float32Array(rows.length / inputs);
  for (let row = 0; row < scales.length; row += 1) {
    const [from, until] = [row * inputs, (row + 1) * inputs];
    const scale = scaleOf(rows, from, until, 127);
    const inverse = scale > 0 ? 1 / scale : 0;
    scales[row] = scale;
    for (let i = from; i < until; i += 1) {
      // the half that is added makes truncation rounding, once the number is positive
      values[i] = (((rows[i] ?? 0) * inverse + 128.5) | 0) - 128;
    }
  }
  return { values, scales };
}
