/** The bytes of a tensor as it is stored, piece by piece: only the source's own array is ever whole in memory. */
import { CheckpointError } from '../../checkpoint/checkpoint-error.ts';
import { shown, type RoundedRows, type TensorSource } from '../../checkpoint/tensors.ts';
import { roundRows } from '../../graph/int8-matrix.ts';
import { widenStored } from '../../checkpoint/widen-stored.ts';
import { toHalves } from '../../models/half.ts';
import type { PlannedTensor } from './tensor-plan.ts';

/** Elements of a piece. */
const PIECE_ELEMENTS = 1 << 20;

/** Largest number of a half (IEEE 754 binary16). */
const HALF_MAX = 65_504;

/** Yields little-endian bytes in C order; throws CheckpointError where a number does not fit. */
export async function* storedBytes(
  tensors: TensorSource,
  { dtype, shape, content }: PlannedTensor,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (content === 'mask') {
    yield* triangle(shape.at(-1) ?? 0);
    return;
  }
  const { of, source } = content;
  if (of === 'scales') {
    yield bytesOf((await roundedRows(tensors, source)).scales);
    return;
  }
  if (dtype === 'I8') {
    yield bytesOf((await roundedRows(tensors, source)).values);
    return;
  }
  const { data } = await tensors.read(source);
  for (let from = 0; from < data.length; from += PIECE_ELEMENTS) {
    const piece = data.subarray(from, from + PIECE_ELEMENTS);
    switch (dtype) {
      case 'F16':
        assertFitsHalf(piece, source);
        yield bytesOf(toHalves(piece));
        break;
      case 'BF16':
        yield bytesOf(toBrainFloats(piece));
        break;
      case 'F32':
      case 'BOOL':
        yield bytesOf(piece);
    }
  }
}

/** What the engine would make of the matrix; rows that are rounded stay as they are. */
async function roundedRows(tensors: TensorSource, name: string): Promise<RoundedRows> {
  const stored = await tensors.readStored(name);
  if (stored.dtype === 'I8') return stored;
  return roundRows(widenStored(stored), tensors.info(name).shape[1] ?? 1);
}

/** Rounds to the upper 16 bits of a float, ties to even; NaN stays NaN. */
export function toBrainFloats(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const rounded = new Uint16Array(values.length);
  for (let i = 0; i < rounded.length; i += 1) {
    const value = bits[i] ?? 0;
    const isNaN = (value & 0x7fff_ffff) > 0x7f80_0000;
    // a NaN whose set bits are all below would round to infinity, so one is set above
    rounded[i] = isNaN ? (value >>> 16) | 0x40 : (value + 0x7fff + ((value >>> 16) & 1)) >>> 16;
  }
  return rounded;
}

/** Row by row: each position sees those before it and itself. */
function* triangle(size: number): Generator<Uint8Array, void, undefined> {
  const mask = new Uint8Array(size * size);
  for (let row = 0; row < size; row += 1) mask.fill(1, row * size, row * size + row + 1);
  yield mask;
}

function assertFitsHalf(values: Float32Array, name: string): void {
  for (const value of values) {
    if (Math.abs(value) > HALF_MAX && Number.isFinite(value)) {
      throw new CheckpointError(
        `The tensor ${shown(name)} holds ${value}, more than fp16 can (${HALF_MAX}); convert to bf16, which has the range of fp32.`,
      );
    }
  }
}

function bytesOf(values: Float32Array | Uint16Array | Int8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
