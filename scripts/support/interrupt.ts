/** Ctrl-C and SIGTERM as an abort; after a second one nothing is waited for. */

/** Exit status of a process that a signal asked to end: 128 and the signal's number. */
export const EXIT_INTERRUPTED = 130;

/** How often it is looked whether npm is still there. */
const PARENT_INTERVAL_MS = 500;

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
  if (process.env['npm_lifecycle_event'] !== undefined) watchParent(controller);
  return controller.signal;
}

/** npm hands a SIGTERM to its shell, which dies without handing it on: then nobody else would end us. */
function watchParent(controller: AbortController): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    controller.abort(new Interrupted('stopped with npm'));
  }, PARENT_INTERVAL_MS);
  timer.unref();
}
