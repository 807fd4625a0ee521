/**
 * Lets a sentence begin and end at zero: what the codec made may stop in the middle of a wave, and
 * silence after that would be a click. Works in pieces; holds back the few samples that may be the last.
 */

/** Length of each ramp. */
export const SOFT_END_MS = 5;

export class SoftEnds {
  readonly #rampSamples: number;
  #held = new Int16Array(0);
  #begun = 0;

  constructor(sampleRate: number) {
    this.#rampSamples = Math.round((SOFT_END_MS * sampleRate) / 1_000);
  }

  /** The samples that are not the last any more; takes over `pcm` and may change it. */
  write(pcm: Int16Array): Int16Array {
    for (let i = 0; i < pcm.length && this.#begun < this.#rampSamples; i += 1) {
      pcm[i] = Math.round((pcm[i] ?? 0) * rise(this.#begun, this.#rampSamples));
      this.#begun += 1;
    }
    const all = new Int16Array(this.#held.length + pcm.length);
    all.set(this.#held);
    all.set(pcm, this.#held.length);
    const free = Math.max(0, all.length - this.#rampSamples);
    this.#held = all.slice(free);
    return all.subarray(0, free);
  }

  /** What was held back, falling to zero. */
  end(): Int16Array {
    const last = this.#held;
    for (let i = 0; i < last.length; i += 1) {
      last[i] = Math.round((last[i] ?? 0) * rise(last.length - 1 - i, last.length));
    }
    this.#held = new Int16Array(0);
    return last;
  }
}

/** Raised cosine from just above 0 to just below 1. */
function rise(index: number, length: number): number {
  return 0.5 - 0.5 * Math.cos((Math.PI * (index + 0.5)) / length);
}
