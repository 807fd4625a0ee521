/**
 * How many samples the backend may send ahead of the reader. What was granted and not yet read,
 * on the wire or in memory, never exceeds the window: a slow reader costs no memory, a fast one no wait.
 */

/** Two seconds, 96 kB: longer than the road to the backend, and two hundred of them are far below what an isolate can hold. */
export const CREDIT_WINDOW_SAMPLES = 48_000;

export class CreditWindow {
  /** Granted so far, received so far, read so far. */
  #granted: number;
  #received = 0;
  #read = 0;
  readonly #window: number;

  constructor(windowSamples: number) {
    this.#window = windowSamples;
    this.#granted = windowSamples;
  }

  get receivedSamples(): number {
    return this.#received;
  }

  /** Counts what came; false when it was more than had been granted. */
  receive(samples: number): boolean {
    this.#received += samples;
    return this.#received <= this.#granted;
  }

  /** Counts what was read and returns what to grant for it: 0 until half a window is due. */
  read(samples: number): number {
    this.#read += samples;
    const due = this.#read + this.#window - this.#granted;
    if (due < this.#window / 2) return 0;
    this.#granted += due;
    return due;
  }
}
