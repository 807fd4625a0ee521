/**
 * Lets a sentence begin and end at zero: what the codec made may stop in the middle of a wave, and
 * silence after that would be a click. Works in pieces; holds back the few samples that may be the last.
 */

/** Length of each ramp. */
export const SOFT_END_MS = 5;

/** Samples of a ramp, at so many a second. */
export function rampSamples(sampleRate: number): number {
  return Math.round((SOFT_END_MS * sampleRate) / 1_000);
}

/** Samples of 16 bits, or floats in -1..1. */
type Samples = Int16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

export class SoftEnds<Kind extends Samples> {
  readonly #rampSamples: number;
  readonly #make: (length: number) => Kind;
  #held: Kind;
  #begun = 0;

  private constructor(rampLength: number, make: (length: number) => Kind) {
    this.#rampSamples = rampLength;
    this.#make = make;
    this.#held = make(0);
  }

  static ofPcm(sampleRate: number): SoftEnds<Int16Array<ArrayBuffer>> {
    return new SoftEnds(rampSamples(sampleRate), (length) => new Int16Array(length));
  }

  /** `rampLength`: samples of a ramp. */
  static ofFloats(rampLength: number): SoftEnds<Float32Array<ArrayBuffer>> {
    return new SoftEnds(rampLength, (length) => new Float32Array(length));
  }

  /** The samples that are not the last any more, in an array of their own. */
  write(samples: Int16Array | Float32Array): Kind {
    const held = this.#held.length;
    const all = this.#make(held + samples.length);
    all.set(this.#held);
    all.set(samples, held);
    for (let i = held; i < all.length && this.#begun < this.#rampSamples; i += 1) {
      scale(all, i, rise(this.#begun, this.#rampSamples));
      this.#begun += 1;
    }
    const free = Math.max(0, all.length - this.#rampSamples);
    this.#held = this.#make(all.length - free);
    this.#held.set(all.subarray(free));
    const certain = this.#make(free);
    certain.set(all.subarray(0, free));
    return certain;
  }

  /** What was held back, falling to zero. */
  end(): Kind {
    const last = this.#held;
    for (let i = 0; i < last.length; i += 1) scale(last, i, rise(last.length - 1 - i, last.length));
    this.#held = this.#make(0);
    return last;
  }
}

function scale(samples: Samples, at: number, factor: number): void {
  const scaled = (samples[at] ?? 0) * factor;
  samples[at] = samples instanceof Int16Array ? Math.round(scaled) : scaled;
}

/** Raised cosine from just above 0 to just below 1. */
function rise(index: number, length: number): number {
  return 0.5 - 0.5 * Math.cos((Math.PI * (index + 0.5)) / length);
}
