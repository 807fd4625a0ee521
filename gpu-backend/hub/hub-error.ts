/** What can go wrong between this machine and a hub of models, as one type. */

/** One sentence that names what was asked for, the fault and what helps; never a token, never a signed address. */
export class HubError extends Error {
  override readonly name = 'HubError';

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** A name from outside as it may be printed. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}...` : name);
}

/** Whether Node gives one of these codes for an error. */
export function isCode<const Code extends string>(
  error: unknown,
  ...codes: readonly Code[]
): error is Error & { readonly code: Code } {
  return error instanceof Error && 'code' in error && codes.some((code) => error.code === code);
}
