/**
 * What callers hand over, which the type checker may not have seen: read once and copied, so that it can not change
 * underneath, and refused by name where it does not fit. Values are told only where they are numbers.
 */
import { BarkError, type ReferenceError } from './bark-error.ts';

/** What `read` gives; where it throws, be it in a getter or a proxy of the caller, that is a fault of the argument `name`. */
export function reading<Value>(
  name: string,
  read: () => Value,
  remedy = 'give plain objects, arrays and typed arrays',
): Value {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof BarkError) throw cause;
    throw new BarkError(`${name} can not be read; ${remedy}.`, 'TypeError', cause);
  }
}

/** A copy of options; throws BarkError for what is no plain object. */
export function fieldsOf<Fields extends object>(name: string, given: Fields): Fields {
  return reading(name, () => {
    if (isPlainObject(given)) return { ...given };
    throw new BarkError(
      `${name} must be a plain object; leave it out for what is usual.`,
      'TypeError',
    );
  });
}

/** Whether something is an object of fields, of any realm. */
export function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // the prototype of all objects has none itself
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Throws BarkError for a field that is set and not known, naming those that are. */
export function assertFields(name: string, given: object, known: readonly string[]): void {
  for (const [field, value] of Object.entries(given)) {
    if (value === undefined || known.includes(field)) continue;
    const camel = camelCase(field);
    const hint = known.includes(camel) ? `here it is ${camel}` : `there are ${known.join(', ')}`;
    throw new BarkError(`${name} has no ${shown(field)}; ${hint}.`, 'TypeError');
  }
}

/** The name as this library writes one that Python writes with underscores. */
export function camelCase(name: string): string {
  return name.replaceAll(/_+([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A name from outside as it may be printed. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
}

/** What a value is, for a sentence that must not repeat it. */
export function described(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (value === undefined || value === null) return 'missing';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Entries of an array, at least one and at most `most`; `shape` tells what is wanted. */
export function itemsOf(
  name: string,
  value: unknown,
  { shape, most }: { readonly shape: string; readonly most: number },
): readonly unknown[] {
  return reading(name, () => {
    if (!Array.isArray(value)) {
      throw new BarkError(
        `${name} must be an array, ${shape}; it is ${described(value)}.`,
        'TypeError',
      );
    }
    const items: readonly unknown[] = value;
    if (items.length >= 1 && items.length <= most) return Array.from(items);
    throw new BarkError(
      `${name} must have 1 to ${most} entries, ${shape}; it has ${items.length}.`,
      'ValueError',
    );
  });
}

/** What whole numbers may be. */
export interface IntegerBounds {
  /** Smallest. */
  readonly min: number;
  /** Largest. */
  readonly max: number;
  /** Most of them. */
  readonly most: number;
  /** What the reference raises for a number beyond. */
  readonly beyond?: ReferenceError;
}

/** Whole numbers out of an array or a typed array, copied; throws BarkError that names the entry at fault. */
export function integersOf(name: string, value: unknown, bounds: IntegerBounds): Int32Array {
  const { min, max, most, beyond = 'IndexError' } = bounds;
  return reading(name, () => {
    const values = listOf(name, value, most);
    const integers = new Int32Array(values.length);
    for (let i = 0; i < values.length; i += 1) {
      const one = values[i];
      if (typeof one !== 'number' || !Number.isInteger(one)) {
        throw new BarkError(
          `${name} must hold whole numbers in ${min}..${max}; entry ${i} is ${described(one)}.`,
          'TypeError',
        );
      }
      if (one < min || one > max) {
        throw new BarkError(
          `${name} must hold whole numbers in ${min}..${max}; entry ${i} is ${one}.`,
          beyond,
        );
      }
      integers[i] = one;
    }
    return integers;
  });
}

function listOf(name: string, value: unknown, most: number): ArrayLike<unknown> {
  if (!isList(value)) {
    throw new BarkError(
      `${name} must be an array or a typed array of numbers; it is ${described(value)}.`,
      'TypeError',
    );
  }
  if (value.length <= most) return value;
  throw new BarkError(
    `${name} must have at most ${most} entries; it has ${value.length}.`,
    'ValueError',
  );
}

/** Whether something is an array, a typed array or an object like one. */
export function isList(value: unknown): value is ArrayLike<unknown> {
  if (typeof value !== 'object' || value === null || !('length' in value)) return false;
  return Number.isSafeInteger(value.length) && Number(value.length) >= 0;
}

/** Samples of sound, copied where other threads could write into them; NaN and infinities are for the caller to judge. */
export function samplesOf(name: string, value: unknown, most: number): Float32Array<ArrayBuffer> {
  if (!(value instanceof Float32Array)) {
    throw new BarkError(
      `${name} must be a Float32Array of mono samples, nominally -1..1; it is ${described(value)}. Float32Array.from makes one of numbers.`,
      'TypeError',
    );
  }
  if (value.length > most) {
    throw new BarkError(
      `${name} has ${value.length} samples; at most ${most} are taken. Cut it into parts.`,
      'ValueError',
    );
  }
  return value.buffer instanceof ArrayBuffer
    ? new Float32Array(value.buffer, value.byteOffset, value.length)
    : Float32Array.from(value);
}

/** Bytes of a file, copied where other threads could write into them. */
export function bytesOf(name: string, value: unknown): Uint8Array<ArrayBuffer> {
  if (!(value instanceof Uint8Array)) {
    throw new BarkError(
      `${name} must be a Uint8Array with the bytes of a file; it is ${described(value)}.`,
      'TypeError',
    );
  }
  return value.buffer instanceof ArrayBuffer
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : Uint8Array.from(value);
}

/** The signal of a call, or one that never stops it. */
export function signalOf(signal: unknown): AbortSignal {
  if (signal === undefined || signal === null) return new AbortController().signal;
  if (signal instanceof AbortSignal) return signal;
  throw new BarkError(
    `signal must be an AbortSignal, as AbortController and AbortSignal.timeout make them; it is ${described(signal)}.`,
    'TypeError',
  );
}

/** Throws BarkError for what is neither a function nor left out. */
export function assertFunction(name: string, value: unknown): void {
  if (value === undefined || value === null || typeof value === 'function') return;
  throw new BarkError(`${name} must be a function; it is ${described(value)}.`, 'TypeError');
}

/** Throws BarkError for what is not true, false or left out. */
export function assertSwitch(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw new BarkError(`${name} must be true or false; it is ${described(value)}.`, 'TypeError');
}

/** Throws BarkError unless the value is a text with something in it that the file system can take. */
export function assertPath(name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return;
  const fault = typeof value === 'string' ? 'empty or has a zero in it' : described(value);
  throw new BarkError(`${name} must be the path of it as a string; it is ${fault}.`, 'TypeError');
}
