/** What a command tells its user, and the exit status that goes with it. */

export const EXIT_OK = 0;
/** It was tried and did not work. */
export const EXIT_FAILED = 1;
/** It was not understood, and nothing was done. */
export const EXIT_USAGE = 2;
/** Ctrl-C: 128 and the number of SIGINT, as shells have it. */
export const EXIT_INTERRUPTED = 130;

/** A sentence with what helps. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
}

/** The command line itself is at fault. */
export class UsageError extends CliError {
  override readonly name = 'UsageError';
}

/** The user asked to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
