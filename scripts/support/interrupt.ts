/** Ctrl-C and SIGTERM as an abort; the second Ctrl-C is not waited for. */

/** Exit status of a process that a signal asked to end: 128 and the signal's number. */
export const EXIT_INTERRUPTED = 130;

/** Thrown by whatever waited when the user asked to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
      controller.abort(new Interrupted(`stopped by ${name}`));
    });
  }
  return controller.signal;
}
