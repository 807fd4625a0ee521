/** Everything that can be wrong with what a processor is given, as one type. */

/** What Python raises where the reference refuses the same. */
export type PythonError = 'ValueError' | 'TypeError' | 'FileNotFoundError' | 'IndexError';

/**
 * A sentence that names the argument or file, the fault and what helps; never a text to be spoken.
 * `reference` is null where the reference lets the same pass, or fails only later.
 */
export class ProcessorError extends Error {
  /** Always the same. */
  override readonly name = 'ProcessorError';
  /** The class of the reference's exception, null where it has none. */
  readonly reference: PythonError | null;

  constructor(message: string, reference: PythonError | null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reference = reference;
  }
}

/** A name from outside as it may be printed. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}...` : name);
}

/** What `read` gives; where a getter or a proxy of the caller throws, that is a fault of the argument `name`. */
export function reading<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ProcessorError) throw cause;
    throw new ProcessorError(
      `${name} can not be read; give plain objects, arrays and typed arrays.`,
      'TypeError',
      cause,
    );
  }
}

/** A copy of options; throws ProcessorError for what is no plain object, and for a field that is not known. */
export function optionsOf<Options extends object>(
  given: Options,
  known: Readonly<Record<keyof Options, (value: unknown) => boolean>>,
): Options {
  const options = reading('options', () => {
    if (isPlainObject(given)) return { ...given };
    throw new ProcessorError(
      'options must be a plain object; leave them out for what is usual.',
      'TypeError',
    );
  });
  const checks = new Map(Object.entries<(value: unknown) => boolean>(known));
  for (const [name, value] of Object.entries(options)) {
    const isFine = checks.get(name);
    if (value === undefined || isFine?.(value) === true) continue;
    throw new ProcessorError(
      isFine === undefined
        ? `There is no option ${shown(name)}; there are ${[...checks.keys()].join(', ')}.`
        : `${name} can not be ${value === null ? 'null' : `a ${typeof value}`}; see its documentation.`,
      'TypeError',
    );
  }
  return options;
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // of any realm: the prototype of all objects has none itself
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
