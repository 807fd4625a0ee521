/** What callers hand over, which the type checker may not have seen: read once, and refused by name where it does not fit. */
import { ProcessorError, shown } from './processor-error.ts';

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

/** A copy of options; throws ProcessorError for what is no plain object. */
export function fieldsOf<Options extends object>(given: Options): Options {
  return reading('options', () => {
    if (isPlainObject(given)) return { ...given };
    throw new ProcessorError(
      'options must be a plain object; leave them out for what is usual.',
      'TypeError',
    );
  });
}

/** The same where every field has its check; throws ProcessorError for one that is not known, too. */
export function optionsOf<Options extends object>(
  given: Options,
  known: Readonly<Record<keyof Options, (value: unknown) => boolean>>,
): Options {
  const options = fieldsOf(given);
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
