/** Everything that can be wrong with a checkpoint folder, as one type. */

/** A sentence that names the file, the fault and what helps; the cause is what Node said, if anything. */
export class CheckpointError extends Error {
  /** Always the same. */
  override readonly name = 'CheckpointError';

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}
