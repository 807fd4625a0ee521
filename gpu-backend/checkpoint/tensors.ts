/** Where weights come from: named float tensors, read one at a time, whatever the file format. */

import { CheckpointError } from './checkpoint-error.ts';

/** Element types that are read; other tensors (masks, counters) are passed over. */
export type FloatType = 'F32' | 'F16' | 'BF16';

/** Bytes of one element. */
export const FLOAT_BYTES: Readonly<Record<FloatType, number>> = { F32: 4, F16: 2, BF16: 2 };

export interface TensorInfo {
  /** How it is stored. */
  readonly dtype: FloatType;
  readonly shape: readonly number[];
}

export interface Tensor {
  readonly shape: readonly number[];
  /** Row by row (C order), widened to 32 bits; the caller owns it. */
  readonly data: Float32Array<ArrayBuffer>;
}

/** The float tensors of a checkpoint. */
export interface TensorSource {
  /** The file that holds them, or the index of several: what messages name. */
  readonly path: string;
  names(): Iterable<string>;
  has(name: string): boolean;
  /** Throws CheckpointError if there is no such tensor. */
  info(name: string): TensorInfo;
  /** Reads this tensor and nothing else; throws CheckpointError if it is missing or the file is damaged. */
  read(name: string): Promise<Tensor>;
  /** Closes the files; reading afterwards fails. */
  close(): Promise<void>;
}

/** Elements of a shape, 1 for a scalar; Infinity or unsafe integers mean the shape is absurd. */
export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
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
