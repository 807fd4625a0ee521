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
