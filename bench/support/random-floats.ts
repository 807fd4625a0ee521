/** Random numbers for weights: repeated ones would share memory and flatter. */

type Floats = Float32Array<ArrayBuffer>;

/** A stream of floats around zero, the same for the same seed (xorshift). */
export class RandomFloats {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0 || 1;
  }

  /** `length` values, uniform in -scale..scale. */
  take(length: number, scale: number): Floats {
    const values = new Float32Array(length);
    let state = this.#state;
    for (let i = 0; i < length; i += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      values[i] = (state / 2_147_483_648) * scale;
    }
    this.#state = state;
    return values;
  }
}
