/** Where a listener stands who plays sound in real time from the moment it comes. */

/** A listener with this much sound in hand can wait for others. */
export const COMFORT_MS = 1_500;

/** A listener with less than this in hand is about to hear a gap. */
export const NEED_MS = 500;

export class Playback {
  #endsMs: number | null = null;

  /** Whether any sound has come. */
  get hasBegun(): boolean {
    return this.#endsMs !== null;
  }

  /** Sound of `durationMs` has come at `nowMs`; where nothing was left to play, the listener heard a gap. */
  add(durationMs: number, nowMs: number): void {
    this.#endsMs = Math.max(this.#endsMs ?? nowMs, nowMs) + durationMs;
  }

  /** How much is left to play at `nowMs`, in milliseconds; 0 before the first sound. */
  aheadMs(nowMs: number): number {
    return Math.max(0, (this.#endsMs ?? nowMs) - nowMs);
  }
}
