/** A promise that is settled from outside, and does not count as unhandled when nobody waits for it. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: unknown): void;
}

export function deferred<Value>(): Deferred<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  // its failure is told in other ways as well, so a promise that nobody awaits is no fault
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
