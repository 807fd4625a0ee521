/** What the forwards of all stages take, and its checks. */
import { availableParallelism } from 'node:os';
import type { FloatTensor } from '../models/forward-model.ts';
import { BarkError } from './bark-error.ts';

/** How a single stage is opened. */
export interface StageOptions {
  /** Threads of one forward, at least 1; as many as the machine has unless told. */
  readonly threads?: number;
}

/** Part of what every forward takes. */
export interface ForwardCall {
  /** [B, n, h] embeddings, positions not added, in place of ids. */
  readonly inputEmbeds?: FloatTensor;
  /** [B][T + n]: a position with anything but 1 is looked at by none; all are 1 unless told. Positions are not derived from it. */
  readonly attentionMask?: readonly ArrayLike<number>[];
  /** [B][n], or [1][n] for all rows, 0..block size - 1; T..T + n - 1 unless told. */
  readonly positionIds?: readonly ArrayLike<number>[];
  /** Answer `hiddenStates`; false unless told. */
  readonly outputHiddenStates?: boolean;
  /** Answer `attentions`; false unless told. */
  readonly outputAttentions?: boolean;
  /** Refused: this engine does not train, nor does the reference. */
  readonly labels?: unknown;
  /** Stops before the forward. */
  readonly signal?: AbortSignal;
}

/** Throws for an option that would need training. */
export function refuseLabels({ labels }: ForwardCall): void {
  if (labels !== undefined && labels !== null) {
    throw new BarkError(
      'Training is not implemented: call forward without labels.',
      'NotImplementedError',
    );
  }
}

/** The embeddings, if they alone are given and are [B, n, width]. */
export function checkedEmbeds(
  inputIds: unknown,
  inputEmbeds: FloatTensor,
  width: number,
): FloatTensor {
  if (inputIds !== undefined) {
    throw new BarkError('Give inputIds or inputEmbeds, not both.', 'ValueError');
  }
  const { shape, data } = inputEmbeds;
  const [rows = 0, count = 0] = shape;
  if (
    shape.length !== 3 ||
    shape[2] !== width ||
    rows < 1 ||
    count < 1 ||
    data.length !== rows * count * width
  ) {
    throw new BarkError(
      `inputEmbeds must be [B, n, ${width}] with as many numbers; it is [${shape.join(', ')}] with ${data.length}.`,
      'ValueError',
    );
  }
  return inputEmbeds;
}

/** The ids, if they are there, rows of one length, and below `limit`. */
export function checkedIds(
  inputIds: readonly ArrayLike<number>[] | undefined,
  limit: number,
): readonly ArrayLike<number>[] {
  if (inputIds === undefined) {
    throw new BarkError('Give inputIds or inputEmbeds.', 'ValueError');
  }
  const count = inputIds[0]?.length ?? 0;
  if (count === 0 || inputIds.some((row) => row.length !== count)) {
    throw new BarkError('inputIds must be rows of one length, at least 1.', 'ValueError');
  }
  for (const row of inputIds) assertBelow(row, limit, 'An id of inputIds');
  return inputIds;
}

/** The positions of each row, or of all. */
export function checkedPositions(
  positionIds: readonly ArrayLike<number>[] | undefined,
  sizes: {
    readonly rows: number;
    readonly count: number;
    readonly from: number;
    readonly limit: number;
  },
): readonly ArrayLike<number>[] {
  const { rows, count, from, limit } = sizes;
  if (from + count > limit) {
    throw new BarkError(
      `The model has ${limit} positions; ${from + count} are wanted.`,
      'IndexError',
    );
  }
  if (positionIds === undefined) return [Int32Array.from({ length: count }, (_, i) => from + i)];
  const isRows = positionIds.length === rows || positionIds.length === 1;
  if (!isRows || positionIds.some((row) => row.length !== count)) {
    throw new BarkError(`positionIds must be [${rows}][${count}] or [1][${count}].`, 'ValueError');
  }
  for (const row of positionIds) assertBelow(row, limit, 'A position');
  return positionIds;
}

/** The mask, or null where everything may be seen. */
export function checkedMask(
  attentionMask: readonly ArrayLike<number>[] | undefined,
  rows: number,
  total: number,
): readonly ArrayLike<number>[] | null {
  if (attentionMask === undefined) return null;
  if (attentionMask.length !== rows || attentionMask.some((row) => row.length !== total)) {
    throw new BarkError(
      `attentionMask must be [${rows}][${total}]: it covers earlier positions too.`,
      'ValueError',
    );
  }
  return attentionMask;
}

/** How many threads a stage may use. */
export function threadsOf({ threads = availableParallelism() }: StageOptions): number {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new BarkError(`threads must be an integer of at least 1; it is ${threads}.`, null);
  }
  return threads;
}

function assertBelow(values: ArrayLike<number>, limit: number, what: string): void {
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? -1;
    if (!Number.isInteger(value) || value < 0 || value >= limit) {
      throw new BarkError(`${what} must lie in 0..${limit - 1}; one is ${value}.`, 'IndexError');
    }
  }
}
