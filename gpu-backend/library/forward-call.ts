/** What the forwards of all stages take, and its checks. */
import { availableParallelism } from 'node:os';
import type { FloatTensor } from '../models/forward-model.ts';
import {
  assertFields,
  assertSwitch,
  camelCase,
  described,
  fieldsOf,
  integersOf,
  itemsOf,
  reading,
} from './arguments.ts';
import { BarkError, type ReferenceError } from './bark-error.ts';

/** How a single stage is opened (reference: section 8). */
export interface StageOptions {
  /** Threads of one forward, 1..1 024; as many as the machine has unless told. */
  readonly threads?: number | undefined;
}

/** Part of what every forward takes (reference: section 8). */
export interface ForwardCall {
  /** [B, n, h] embeddings, positions not added, in place of ids. */
  readonly inputEmbeds?: FloatTensor | null;
  /** [B][T + n]: 1 where a position is seen and 0 where it is looked at by none; all are 1 unless told. Positions are not derived from it. */
  readonly attentionMask?: readonly ArrayLike<number>[] | null;
  /** [B][n], or [1][n] for all rows, 0..block size - 1; T..T + n - 1 unless told. */
  readonly positionIds?: readonly ArrayLike<number>[] | null;
  /** Answer `hiddenStates`; false unless told. */
  readonly outputHiddenStates?: boolean;
  /** Answer `attentions`; false unless told. */
  readonly outputAttentions?: boolean;
  /** Refused: this engine does not train, nor does the reference. */
  readonly labels?: unknown;
  /** Stops before the forward. */
  readonly signal?: AbortSignal | null;
}

/** Most rows of one forward. */
export const ROWS_MAX = 1_024;
/** Longest row that is looked at before the model's own limit is told. */
export const LENGTH_MAX = 1_048_576;

const FIELDS = [
  'inputIds',
  'inputEmbeds',
  'attentionMask',
  'positionIds',
  'outputHiddenStates',
  'outputAttentions',
  'signal',
];

type Refusal = readonly [reason: string, reference: ReferenceError | null];

/** What the reference's forwards take beside that; null is as if left out, as there. */
const REFUSED = new Map<string, Refusal>(
  Object.entries({
    labels: ['training is not implemented; call forward without', 'NotImplementedError'],
    headMask: ['heads can not be switched off in this engine; leave it out', null],
    returnDict: ['an answer always has its parts by name; leave it out', null],
    cachePosition: ['give positionIds, which mean the same here', null],
    inputsEmbeds: ['here it is inputEmbeds', null],
  }),
);

/** The call, read once; `more` are fields of the stage, `refused` what it refuses beside what all do. */
export function readCall<Call extends ForwardCall>(
  options: Call,
  more: readonly string[],
  refused: Readonly<Record<string, string>> = {},
): Call {
  const call = fieldsOf('options', options);
  for (const [name, value] of Object.entries(call)) {
    if (value === undefined || value === null) continue;
    const refusal = refusalOf(name, refused);
    if (refusal !== undefined) {
      throw new BarkError(`${name} is refused: ${refusal[0]}.`, refusal[1]);
    }
  }
  const known = [...FIELDS, ...more, ...REFUSED.keys(), ...Object.keys(refused)];
  assertFields('forward', call, known);
  for (const name of ['outputHiddenStates', 'outputAttentions', 'useCache']) {
    assertSwitch(name, Object.entries(call).find(([field]) => field === name)?.[1]);
  }
  return call;
}

function refusalOf(name: string, refused: Readonly<Record<string, string>>): Refusal | undefined {
  const camel = camelCase(name);
  const reason = Object.hasOwn(refused, camel) ? refused[camel] : undefined;
  return reason === undefined ? REFUSED.get(camel) : [reason, null];
}

/** The embeddings, if they alone are given and are [B, n, width]. */
export function checkedEmbeds(
  inputIds: unknown,
  inputEmbeds: FloatTensor,
  width: number,
): FloatTensor {
  if (inputIds !== undefined && inputIds !== null) {
    throw new BarkError('Give inputIds or inputEmbeds, not both.', 'ValueError');
  }
  const { shape, data } = tensorOf('inputEmbeds', inputEmbeds);
  const [rows = 0, count = 0] = shape;
  if (
    shape.length !== 3 ||
    shape[2] !== width ||
    rows < 1 ||
    rows > ROWS_MAX ||
    count < 1 ||
    data.length !== rows * count * width
  ) {
    throw new BarkError(
      `inputEmbeds must be [B, n, ${width}] with as many numbers; it is [${shape.join(', ')}] with ${data.length}.`,
      'ValueError',
    );
  }
  return { shape, data };
}

/** Numbers with a shape of whole numbers; they are not copied. */
export function tensorOf(name: string, tensor: unknown): FloatTensor {
  return reading(name, () => {
    if (typeof tensor === 'object' && tensor !== null && 'data' in tensor && 'shape' in tensor) {
      const { data, shape } = tensor;
      // the engine can not read memory that is shared between threads
      const isOurs = data instanceof Float32Array && data.buffer instanceof ArrayBuffer;
      if (isOurs && Array.isArray(shape) && shape.length <= 8) {
        return { data, shape: [...integersOf(`The shape of ${name}`, shape, SIZES)] };
      }
    }
    throw new BarkError(
      `${name} must be { data, shape } with data a Float32Array in memory of its own and shape its sizes; it is ${described(tensor)}.`,
      'TypeError',
    );
  });
}

const SIZES = { min: 0, max: 2 ** 31 - 1, most: 8, beyond: 'ValueError' } as const;

/** The ids, if they are there, rows of one length, and below `limit`. */
export function checkedIds(inputIds: unknown, limit: number): readonly Int32Array[] {
  const rows = givenRows(inputIds, '[B][n]').map((row, index) =>
    integersOf(`inputIds[${index}]`, row, { min: 0, max: limit - 1, most: LENGTH_MAX }),
  );
  const count = rows[0]?.length ?? 0;
  if (count === 0 || rows.some((row) => row.length !== count)) {
    throw new BarkError('inputIds must be rows of one length, at least 1.', 'ValueError');
  }
  return rows;
}

/** The rows of ids, whatever they are; throws BarkError where there are none. */
export function givenRows(inputIds: unknown, shape: string): readonly unknown[] {
  if (inputIds === undefined || inputIds === null) {
    throw new BarkError('Give inputIds or inputEmbeds.', 'ValueError');
  }
  return itemsOf('inputIds', inputIds, { shape, most: ROWS_MAX });
}

/** The positions of each row, or of all. */
export function checkedPositions(
  positionIds: readonly ArrayLike<number>[] | null | undefined,
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
  if (positionIds === undefined || positionIds === null) {
    return [Int32Array.from({ length: count }, (_, i) => from + i)];
  }
  const shape = `[${rows}][${count}] or [1][${count}]`;
  const positions = itemsOf('positionIds', positionIds, { shape, most: ROWS_MAX }).map(
    (row, index) =>
      integersOf(`positionIds[${index}]`, row, { min: 0, max: limit - 1, most: LENGTH_MAX }),
  );
  const isRows = positions.length === rows || positions.length === 1;
  if (isRows && positions.every((row) => row.length === count)) return positions;
  throw new BarkError(`positionIds must be ${shape}.`, 'ValueError');
}

/** The mask, or null where everything may be seen. */
export function checkedMask(
  attentionMask: readonly ArrayLike<number>[] | null | undefined,
  rows: number,
  total: number,
): readonly ArrayLike<number>[] | null {
  if (attentionMask === undefined || attentionMask === null) return null;
  const shape = `[${rows}][${total}]`;
  const bounds = { min: 0, max: 1, most: LENGTH_MAX, beyond: 'ValueError' } as const;
  const mask = itemsOf('attentionMask', attentionMask, { shape, most: ROWS_MAX }).map(
    (row, index) => integersOf(`attentionMask[${index}]`, row, bounds),
  );
  if (mask.length === rows && mask.every((row) => row.length === total)) return mask;
  throw new BarkError(
    `attentionMask must be ${shape}: it covers earlier positions too.`,
    'ValueError',
  );
}

/** How many threads a stage may use. */
export function threadsOf(options: StageOptions): number {
  const given = fieldsOf('options', options);
  assertFields('fromPretrained', given, ['threads']);
  const { threads = availableParallelism() } = given;
  if (Number.isInteger(threads) && threads >= 1 && threads <= 1_024) return threads;
  throw new BarkError(
    `threads must be an integer in 1..1024; it is ${described(threads)}.`,
    'ValueError',
  );
}
