/** Where weights come from: named float tensors, read one at a time, whatever the file format. */

import { CheckpointError } from './checkpoint-error.ts';

/** Element types of floats. */
export type FloatType = 'F32' | 'F16' | 'BF16';

/** Element types that are read: floats, and eight bits with a scale a row. Other tensors (masks, counters) are passed over. */
export type WeightType = FloatType | 'I8';

/** Bytes of one element. */
export const WEIGHT_BYTES: Readonly<Record<WeightType, number>> = {
  F32: 4,
  F16: 2,
  BF16: 2,
  I8: 1,
};

export interface TensorInfo {
  /** How it is stored. */
  readonly dtype: WeightType;
  readonly shape: readonly number[];
}

export interface Tensor {
  readonly shape: readonly number[];
  /** Row by row (C order), widened to 32 bits; the caller owns it. */
  readonly data: Float32Array<ArrayBuffer>;
}

/** Rows of eight bits; a number is its value times the scale of its row. */
export interface RoundedRows {
  /** [rows, inputs]. */
  readonly values: Int8Array<ArrayBuffer>;
  /** [rows]. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/** A tensor in few bytes: as it is stored, but for BF16, which is widened. The caller owns it. */
export type StoredTensor =
  | { readonly dtype: 'F32'; readonly data: Float32Array<ArrayBuffer> }
  | { readonly dtype: 'F16'; readonly data: Uint16Array<ArrayBuffer> }
  | ({ readonly dtype: 'I8' } & RoundedRows);

/** The weights of a checkpoint; the scales of rounded ones are parts of them, not tensors. */
export interface TensorSource {
  /** The file that holds them, or the index of several: what messages name. */
  readonly path: string;
  /** The files that hold them, in a stable order. */
  readonly files: readonly string[];
  names(): Iterable<string>;
  has(name: string): boolean;
  /** Throws CheckpointError if there is no such tensor. */
  info(name: string): TensorInfo;
  /** Reads this tensor and nothing else; throws CheckpointError if it is missing or the file is damaged. */
  read(name: string): Promise<Tensor>;
  /** As `read`, but not widened. */
  readStored(name: string): Promise<StoredTensor>;
  /** Closes the files; reading afterwards fails. */
  close(): Promise<void>;
}

/** Elements of a shape, 1 for a scalar; Infinity or unsafe integers mean the shape is absurd. */
export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Whether some of the weights are stored in eight bits. */
export function isRounded(tensors: TensorSource): boolean {
  return Array.from(tensors.names()).some((name) => tensors.info(name).dtype === 'I8');
}

/** The error for a name that a file does not hold. */
export function missingTensor(name: string, path: string): CheckpointError {
  return new CheckpointError(
    `${path} has no tensor ${shown(name)}; the checkpoint is not complete.`,
  );
}

/** A name fit for a message: quoted and of bounded length. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}...` : name);
}
