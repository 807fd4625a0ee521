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

  /** Whether so many samples may be sent at once. */
  has(samples: number): boolean {
    return this.#samples >= samples;
  }

  /**
   * Spends up to `wanted` samples, as many as there are, in whole units of so many; waits while there is not one, not
   * for ever.
   */
  async spend(wanted: number, signal: AbortSignal, unitSamples = 1): Promise<number> {
    while (this.#samples < unitSamples) await this.#granted(signal);
    const most = Math.min(wanted, this.#samples);
    const spent = most - (most % unitSamples);
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
