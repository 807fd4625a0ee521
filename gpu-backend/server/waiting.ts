/** Waiting that ends when its signal does. */

/** Begins a wait: calls one of the two once, returns what undoes the wait. */
type Begin<Value> = (
  resolve: (value: Value) => void,
  reject: (error: unknown) => void,
) => () => void;

/** Resolves or rejects as `begin` says, or rejects with the signal's reason; undone in every case. */
export async function waitUntil<Value>(signal: AbortSignal, begin: Begin<Value>): Promise<Value> {
  signal.throwIfAborted();
  let undo: (() => void) | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise<Value>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      undo = begin(resolve, reject);
    });
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    undo?.();
  }
}
