/**
 * What all recordings of an isolate hold together, in bytes: many readers at once must not take the memory that the
 * isolate has. Where there is no room, the oldest recording gives up being whole; whoever reads fast is through by then.
 */

/** A recording that is whole, and need not stay so. */
export interface Sheddable {
  /** Drops what all its readers have heard, and from now on does so at once. */
  shed(): void;
}

export class RecordingBudget {
  readonly #maxBytes: number;
  /** In the order of their beginnings. */
  readonly #whole = new Set<Sheddable>();
  #usedBytes = 0;
  #waiting: (() => void)[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** From now on it may be told to shed, at most once. */
  add(recording: Sheddable): void {
    this.#whole.add(recording);
  }

  /** It will not be told any more. */
  remove(recording: Sheddable): void {
    this.#whole.delete(recording);
  }

  /** Whether so many bytes more fit, after as many recordings have shed as it takes. */
  makeRoom(bytes: number): boolean {
    for (const oldest of this.#whole) {
      if (this.#fits(bytes)) break;
      this.#whole.delete(oldest);
      oldest.shed();
    }
    return this.#fits(bytes);
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  giveBack(bytes: number): void {
    if (bytes === 0) return;
    this.#usedBytes -= bytes;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves when something is given back, or `signal` fires. */
  async change(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        signal.removeEventListener('abort', settle);
        resolve();
      };
      if (signal.aborted) return settle();
      signal.addEventListener('abort', settle, { once: true });
      this.#waiting.push(settle);
    });
  }

  #fits(bytes: number): boolean {
    return this.#usedBytes + bytes <= this.#maxBytes;
  }
}
