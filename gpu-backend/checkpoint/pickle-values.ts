/** What may come out of a pickle of tensors, and the checks of the few objects in it. */
import { CheckpointError } from './checkpoint-error.ts';
import { countElements, type FloatType } from './tensors.ts';

/** Most dimensions of a tensor. */
const RANK_MAX = 8;

/** The storage types that torch names, and what they hold; null is known but never read. */
const STORAGES = {
  'torch FloatStorage': 'F32',
  'torch HalfStorage': 'F16',
  'torch BFloat16Storage': 'BF16',
  'torch BoolStorage': null,
  'torch LongStorage': null,
} as const satisfies Record<string, FloatType | null>;

/** Globals that may be called. */
const CALLABLES = [
  'collections OrderedDict',
  'torch._utils _rebuild_tensor_v2',
  'torch._utils _rebuild_parameter',
] as const;

type StorageType = keyof typeof STORAGES;
type Callable = (typeof CALLABLES)[number];

/** A storage that is only referred to: `key` names a file of the archive. */
export interface StorageValue {
  readonly kind: 'storage';
  /** Null for types that are not read. */
  readonly dtype: FloatType | null;
  readonly key: string;
  /** How many elements it has. */
  readonly elements: number;
}

/** A view into a storage; offset and strides in elements, all within the storage. */
export interface TensorValue {
  readonly kind: 'tensor';
  readonly storage: StorageValue;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export interface DictValue {
  readonly kind: 'dict';
  readonly entries: Map<string, PickleValue>;
}

interface TupleValue {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

interface GlobalValue {
  readonly kind: 'global';
  readonly name: StorageType | Callable;
}

export type PickleValue =
  | string
  | number
  | boolean
  | null
  | StorageValue
  | TensorValue
  | DictValue
  | TupleValue
  | GlobalValue;

/** The global that `module` and `name` mean; throws CheckpointError naming it if it is not one of the few allowed. */
export function globalValue(module: string, name: string): GlobalValue {
  const full = `${module} ${name}`;
  if (isStorage(full) || isCallable(full)) return { kind: 'global', name: full };
  throw new CheckpointError(
    `the pickle asks for ${module.slice(0, 60)}.${name.slice(0, 60)}, which weights do not need`,
  );
}

/** Resolves a persistent id: ('storage', type, key, location, elements). */
export function storageValue(id: PickleValue): StorageValue {
  const [word, type, key, , elements] = itemsOf(id, 'a persistent id');
  if (
    word !== 'storage' ||
    !isKind(type, 'global') ||
    !isStorage(type.name) ||
    typeof key !== 'string' ||
    !isSize(elements)
  ) {
    throw new CheckpointError('a persistent id is not that of a storage');
  }
  return { kind: 'storage', dtype: STORAGES[type.name], key, elements };
}

/** Calls one of the allowed globals. */
export function call(callee: PickleValue, args: PickleValue): PickleValue {
  if (!isKind(callee, 'global') || !isCallable(callee.name)) {
    throw new CheckpointError('something is called that is not a function');
  }
  const items = itemsOf(args, 'arguments');
  switch (callee.name) {
    case 'collections OrderedDict':
      if (items.length > 0) throw new CheckpointError('an OrderedDict is made with arguments');
      return { kind: 'dict', entries: new Map() };
    case 'torch._utils _rebuild_parameter': {
      const [tensor] = items;
      if (!isKind(tensor, 'tensor')) throw new CheckpointError('a parameter is not a tensor');
      return tensor;
    }
    case 'torch._utils _rebuild_tensor_v2':
      return tensorValue(items);
    default:
      return callee.name satisfies never;
  }
}

/** (storage, offset, shape, strides, requires_grad, hooks): checked to lie within the storage. */
function tensorValue([storage, offset, shape, strides]: readonly PickleValue[]): TensorValue {
  const sizes = sizesOf(shape, 'a shape');
  const steps = sizesOf(strides, 'strides');
  if (!isKind(storage, 'storage') || !isSize(offset) || sizes.length !== steps.length) {
    throw new CheckpointError('a tensor is not made of storage, offset, shape and strides');
  }
  const count = countElements(sizes);
  const last = sizes.reduce((sum, size, i) => sum + (size - 1) * (steps[i] ?? 0), offset);
  // more elements than the storage would be an expanded view, a way to ask for endless memory
  if (count > storage.elements || (count > 0 && last >= storage.elements)) {
    throw new CheckpointError(
      `a tensor of shape [${sizes.join(', ')}] and strides [${steps.join(', ')}] from element ${offset} exceeds its storage of ${storage.elements} elements`,
    );
  }
  return { kind: 'tensor', storage, offset, shape: sizes, strides: steps };
}

function sizesOf(value: PickleValue | undefined, what: string): number[] {
  const sizes = itemsOf(value, what).filter(isSize);
  if (sizes.length > RANK_MAX || sizes.length !== itemsOf(value, what).length) {
    throw new CheckpointError(`${what} is not a list of at most ${RANK_MAX} sizes`);
  }
  return sizes;
}

function itemsOf(value: PickleValue | undefined, what: string): readonly PickleValue[] {
  if (!isKind(value, 'tuple')) throw new CheckpointError(`${what} is not a tuple`);
  return value.items;
}

/** Whether a value is one of ours of this kind. */
export function isKind<Kind extends 'storage' | 'tensor' | 'dict' | 'tuple' | 'global'>(
  value: PickleValue | undefined,
  kind: Kind,
): value is Extract<PickleValue, { kind: Kind }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isStorage(name: string): name is StorageType {
  return Object.hasOwn(STORAGES, name);
}

function isCallable(name: string): name is Callable {
  return CALLABLES.some((callable) => callable === name);
}
