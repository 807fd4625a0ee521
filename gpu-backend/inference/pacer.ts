/**
 * Who computes next when several speak at once: first sound first, then just ahead of playback. A
 * speech that is comfortably ahead of its listener waits while another has not been heard yet;
 * otherwise all share the engine evenly.
 */
import type { Clock } from '../clock.ts';

/** A speech that is this far ahead of its listener lets silent ones go first. */
export const COMFORT_MS = 1_500;

interface Paced {
  /** When its first sound was made; null while it is silent. */
  heardMs: number | null;
  /** How much sound was made. */
  madeMs: number;
  /** Lets it go on; null while it computes. */
  wake: (() => void) | null;
}

export class Pacer {
  readonly #clock: Clock;
  readonly #speeches = new Map<number, Paced>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(id: number): void {
    this.#speeches.set(id, { heardMs: null, madeMs: 0, wake: null });
  }

  /** Sound of this length was made. */
  made(id: number, durationMs: number): void {
    const speech = this.#speeches.get(id);
    if (speech === undefined) return;
    speech.heardMs ??= this.#clock.now();
    speech.madeMs += durationMs;
    this.#wakeAll();
  }

  end(id: number): void {
    const speech = this.#speeches.get(id);
    this.#speeches.delete(id);
    speech?.wake?.();
    this.#wakeAll();
  }

  /** Resolves when this speech may compute its next samples; at once for one that `end` has let go. */
  async turn(id: number): Promise<void> {
    for (;;) {
      const speech = this.#speeches.get(id);
      if (speech === undefined) return;
      const spareMs = this.#aheadMs(speech) - COMFORT_MS;
      if (spareMs <= 0 || !this.#isAnySilent()) return;
      await new Promise<void>((resolve) => {
        const stop = this.#clock.after(spareMs, resolve);
        speech.wake = () => {
          stop();
          resolve();
        };
      });
      speech.wake = null;
    }
  }

  #aheadMs({ heardMs, madeMs }: Paced): number {
    return heardMs === null ? 0 : madeMs - (this.#clock.now() - heardMs);
  }

  #isAnySilent(): boolean {
    return Array.from(this.#speeches.values()).some(({ heardMs }) => heardMs === null);
  }

  #wakeAll(): void {
    if (this.#isAnySilent()) return;
    for (const { wake } of this.#speeches.values()) wake?.();
  }
}
