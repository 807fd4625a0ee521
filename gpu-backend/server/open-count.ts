/** How many requests are open, over all sockets: who drains waits until none is, and none follows. */
import type { Clock } from '../clock.ts';
import { waitUntil } from './waiting.ts';

export class OpenCount {
  readonly #clock: Clock;
  #count = 0;
  #onChange: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(): void {
    this.#count += 1;
    this.#onChange();
  }

  end(): void {
    this.#count -= 1;
    this.#onChange();
  }

  /**
   * Resolves once none has been open for `lingerMs`, at once where none is open now; rejects with the signal's reason.
   * One waits at a time.
   */
  async quiet(lingerMs: number, signal: AbortSignal): Promise<void> {
    if (this.#count === 0) return;
    await waitUntil<void>(signal, (resolve) => {
      let stopTimer: (() => void) | undefined;
      this.#onChange = () => {
        stopTimer?.();
        stopTimer = this.#count === 0 ? this.#clock.after(lingerMs, resolve) : undefined;
      };
      return () => {
        this.#onChange = () => undefined;
        stopTimer?.();
      };
    });
  }
}
