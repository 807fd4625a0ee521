/**
 * Who computes next when several speak at once: first sound first, then just ahead of playback. A
 * speech that is comfortably ahead of its listener waits while another is silent or about to fall
 * silent; all others share the engine evenly.
 */
import type { Clock } from '../clock.ts';
import { COMFORT_MS, NEED_MS, Playback } from '../playback.ts';

interface Paced {
  readonly playback: Playback;
  /** Whether its next sound has been asked for and has not been made. */
  isAsked: boolean;
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
    this.#speeches.set(id, { playback: new Playback(), isAsked: false, wake: null });
  }

  /** Sound of this length was made. */
  made(id: number, durationMs: number): void {
    const speech = this.#speeches.get(id);
    if (speech === undefined) return;
    speech.playback.add(durationMs, this.#clock.now());
    speech.isAsked = false;
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
      speech.isAsked = true;
      const spareMs = speech.playback.aheadMs(this.#clock.now()) - COMFORT_MS;
      if (spareMs <= 0 || !this.#isAnyInNeed()) return;
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

  /** A reader that asks for nothing has paused: it is in no need, however little it has. */
  #isAnyInNeed(): boolean {
    const nowMs = this.#clock.now();
    return Array.from(this.#speeches.values()).some(
      ({ playback, isAsked }) =>
        !playback.hasBegun || (isAsked && playback.aheadMs(nowMs) < NEED_MS),
    );
  }

  #wakeAll(): void {
    if (this.#isAnyInNeed()) return;
    for (const { wake } of this.#speeches.values()) wake?.();
  }
}
