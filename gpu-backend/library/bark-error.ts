/** Everything that a caller of the library can ask for and not get, as one type. */

/** What Python raises where the reference refuses the same. */
export type ReferenceError =
  | 'ValueError'
  | 'TypeError'
  | 'IndexError'
  | 'RuntimeError'
  | 'NotImplementedError';

/**
 * A sentence that names the argument, the fault and what helps; never a text to be spoken. Faults of a
 * checkpoint's files are CheckpointError instead, those of texts and presets ProcessorError.
 */
export class BarkError extends Error {
  /** Always the same. */
  override readonly name = 'BarkError';
  /** The class of the reference's exception; null where the reference lets the same pass. */
  readonly reference: ReferenceError | null;

  constructor(message: string, reference: ReferenceError | null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reference = reference;
  }
}
