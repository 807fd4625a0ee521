/** From loading to release: what is called after it is refused, what runs at that moment is stopped before memory is given back. */
import { BarkError } from './bark-error.ts';

/** The life of one model. */
export class Lifetime {
  readonly #ended = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #closers = new Set<() => Promise<unknown>>();
  #release: Promise<void> | null = null;

  /** Throws BarkError once the model was released. */
  assertAlive(): void {
    this.#ended.signal.throwIfAborted();
  }

  /** Does something that `release` stops and waits for. */
  async run<Result>(
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    this.assertAlive();
    const running = work(AbortSignal.any([signal, this.#ended.signal]));
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Yields what a generator yields; `release` stops it, and closes it even where nobody reads on. */
  async *stream<Item>(
    signal: AbortSignal,
    open: (signal: AbortSignal) => AsyncGenerator<Item, void, undefined>,
  ): AsyncGenerator<Item, void, undefined> {
    this.assertAlive();
    const items = open(AbortSignal.any([signal, this.#ended.signal]));
    const close = (): Promise<unknown> => items.return();
    this.#closers.add(close);
    try {
      yield* items;
      this.assertAlive();
    } finally {
      this.#closers.delete(close);
    }
  }

  /** Stops what runs, then frees; again does nothing more. */
  release(free: () => Promise<void>): Promise<void> {
    this.#release ??= this.#stopAnd(free);
    return this.#release;
  }

  async #stopAnd(free: () => Promise<void>): Promise<void> {
    this.#ended.abort(
      new BarkError('The model was released; load it again with fromPretrained.', null),
    );
    await Promise.allSettled([...this.#running, ...Array.from(this.#closers, (close) => close())]);
    await free();
  }
}
