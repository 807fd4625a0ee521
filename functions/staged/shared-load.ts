/**
 * One load shared by all requests of an isolate: those that come while it runs wait for the same
 * promise, and a failure is not kept.
 *
 * The load belongs to the request that began it. When that one is gone before it ended, the runtime may
 * never settle the promise: so the load is kept alive beyond it, and nobody waits without a limit.
 */
import { SpeechFault } from '#shared/errors.ts';

/** Longest wait for a staged file; they are a megabyte at most. */
export const LOAD_TIMEOUT_MS = 10_000;

/** Keeps the work of a request running after its answer (`waitUntil` in a Worker). */
export type KeepAlive = (work: Promise<unknown>) => void;

export class SharedLoad<Value> {
  readonly #load: () => Promise<Value>;
  readonly #keepAlive: KeepAlive;
  #running: Promise<Value> | undefined;

  constructor(load: () => Promise<Value>, keepAlive: KeepAlive) {
    this.#load = load;
    this.#keepAlive = keepAlive;
  }

  async get(): Promise<Value> {
    const running = (this.#running ??= this.#begin());
    let timer: ReturnType<typeof setTimeout> | null = null;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#forget(running);
        reject(new SpeechFault('timeout', 'The staged files could not be read in time.'));
      }, LOAD_TIMEOUT_MS);
    });
    try {
      return await Promise.race([running, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #begin(): Promise<Value> {
    const running = this.#load();
    this.#keepAlive(running.catch(() => this.#forget(running)));
    return running;
  }

  #forget(load: Promise<Value>): void {
    if (this.#running === load) this.#running = undefined;
  }
}
