/** How many samples a reader will still take: granted by the edge, spent by audio. */
import { SpeechFault } from '#shared/errors.ts';
import { CREDIT_TIMEOUT_MS, MAX_CREDIT_SAMPLES } from '#shared/protocol/limits.ts';
import type { Clock } from '../clock.ts';
import { waitUntil } from './waiting.ts';

export class Credit {
  readonly #clock: Clock;
  #samples = 0;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  grant(samples: number): void {
    this.#samples = Math.min(this.#samples + samples, MAX_CREDIT_SAMPLES);
    this.#wake?.();
  }

  /** Whether audio may be sent at once. */
  get isThere(): boolean {
    return this.#samples > 0;
  }

  /** Spends 1..`wanted` samples, as many as there are; waits while there are none, not for ever. */
  async spend(wanted: number, signal: AbortSignal): Promise<number> {
    if (this.#samples === 0) await this.#granted(signal);
    const spent = Math.min(wanted, this.#samples);
    this.#samples -= spent;
    return spent;
  }

  #granted(signal: AbortSignal): Promise<void> {
    return waitUntil<void>(signal, (resolve, reject) => {
      this.#wake = resolve;
      const stopTimer = this.#clock.after(CREDIT_TIMEOUT_MS, () =>
        reject(
          new SpeechFault(
            'cancelled',
            `Audio waited ${CREDIT_TIMEOUT_MS / 1_000} s and no credit came; the reader seems to have gone.`,
          ),
        ),
      );
      return () => {
        this.#wake = undefined;
        stopTimer();
      };
    });
  }
}
