/** How long turns of the engine take, learnt from those that were: what waits are foretold from. */

/** What a turn is thought to last before one was measured. */
const FIRST_GUESS_TURN_MS = 5_000;

/** Weight of the newest measurement. */
const NEWEST_WEIGHT = 0.3;

export class TurnTimes {
  #turnMs = FIRST_GUESS_TURN_MS;
  #firstSoundMs: number | null = null;

  /** What a turn lasts, the time that it waits for its reader left out. */
  get turnMs(): number {
    return this.#turnMs;
  }

  lasted(turnMs: number): void {
    this.#turnMs += NEWEST_WEIGHT * (turnMs - this.#turnMs);
  }

  /** A turn's first sound left so long after its beginning. */
  heardAfter(firstSoundMs: number): void {
    const known = this.#firstSoundMs ?? firstSoundMs;
    this.#firstSoundMs = known + NEWEST_WEIGHT * (firstSoundMs - known);
  }

  /** When the sound of one begins that waits for so many turns; 0, "any moment", before one was measured. */
  untilFirstSound(turnsBefore: number): number {
    return this.#firstSoundMs === null ? 0 : turnsBefore * this.#turnMs + this.#firstSoundMs;
  }
}
