/**
 * Changes the sample rate of mono audio by a rational factor: a windowed sinc, sampled once for each phase that
 * an output sample can have between two input samples (a polyphase filter). Output sample n lies at the time
 * n / toRate, so nothing is delayed; beyond the ends of the audio there is silence.
 */

export const RESAMPLE_RATE_MIN = 8_000;
export const RESAMPLE_RATE_MAX = 96_000;

/**
 * The filter reaches this many samples of the lower rate to either side. With the window below it falls from
 * full to nothing between PASS_BAND and the end of the lower rate's band (Kaiser: length * width = 2 * (A - 8) / 4.57 pi).
 */
const REACH = 64;

/** Kaiser's beta for a stop band of 100 dB: 0.1102 (A - 8.7). */
const KAISER_BETA = 10.06;

/** Part of the lower rate's band (half that rate) that passes unchanged. */
export const PASS_BAND = 0.9;

/** Middle of the transition, so that what would be mirrored back lies in the stop band. */
const CUTOFF = (1 + PASS_BAND) / 2;

/** One piece of audio after another; any split of the input gives the same samples. */
export interface Resampler {
  /** The output samples that are settled by the input so far; the caller owns them, the input is not kept. */
  write(samples: Float32Array): Float32Array<ArrayBuffer>;
  /** The rest; in all ceil(inputs * toRate / fromRate) samples. The resampler is then spent. */
  end(): Float32Array<ArrayBuffer>;
}

/**
 * A resampler between two rates in samples a second, integers in 8 000..96 000; throws RangeError for others.
 * Its table has about 128 coefficients for each of max(toRate, fromRate) / gcd phases: 80 KB from 44.1 to 24 kHz.
 */
export function resampler(fromRate: number, toRate: number): Resampler {
  for (const rate of [fromRate, toRate]) {
    if (!Number.isInteger(rate) || rate < RESAMPLE_RATE_MIN || rate > RESAMPLE_RATE_MAX) {
      throw new RangeError(
        `The sample rate ${rate} can not be resampled; it must be an integer in ${RESAMPLE_RATE_MIN}..${RESAMPLE_RATE_MAX}.`,
      );
    }
  }
  return fromRate === toRate ? copier() : new PolyphaseResampler(fromRate, toRate);
}

/** A whole recording at once. */
export function resample(
  samples: Float32Array,
  fromRate: number,
  toRate: number,
): Float32Array<ArrayBuffer> {
  const stream = resampler(fromRate, toRate);
  const body = stream.write(samples);
  const tail = stream.end();
  const whole = new Float32Array(body.length + tail.length);
  whole.set(body);
  whole.set(tail, body.length);
  return whole;
}

function copier(): Resampler {
  return { write: (samples) => Float32Array.from(samples), end: () => new Float32Array(0) };
}

class PolyphaseResampler implements Resampler {
  /** Output samples of one period, which is `#step` input samples long. */
  readonly #phases: number;
  readonly #step: number;
  /** Input samples that an output sample needs before its time, and after it. */
  readonly #reach: number;
  /** [phases, 2 * reach] row by row. */
  readonly #filter: Float32Array;
  /** Input from `#reach` - 1 samples before the next output on; silence before the first. */
  #held: Float32Array;
  /** Where the next output lies: its phase behind the input sample at `#reach - 1 + #skip` of `#held`. */
  #phase = 0;
  #skip = 0;
  #inputs = 0;
  #outputs = 0;

  constructor(fromRate: number, toRate: number) {
    const divisor = greatestCommonDivisor(fromRate, toRate);
    this.#phases = toRate / divisor;
    this.#step = fromRate / divisor;
    const narrowing = Math.min(1, toRate / fromRate);
    this.#reach = Math.ceil(REACH / narrowing);
    this.#filter = filterOf(this.#phases, this.#reach, narrowing);
    this.#held = new Float32Array(this.#reach - 1);
  }

  write(samples: Float32Array): Float32Array<ArrayBuffer> {
    this.#inputs += samples.length;
    return this.#take(samples, Number.POSITIVE_INFINITY);
  }

  end(): Float32Array<ArrayBuffer> {
    const all = Math.ceil((this.#inputs * this.#phases) / this.#step);
    const rest = this.#take(new Float32Array(this.#reach), all - this.#outputs);
    this.#held = new Float32Array(0);
    return rest;
  }

  #take(samples: Float32Array, most: number): Float32Array<ArrayBuffer> {
    const input = new Float32Array(this.#held.length + samples.length);
    input.set(this.#held);
    input.set(samples, this.#held.length);

    const taps = 2 * this.#reach;
    // outputs whose last input is there: those at or before this input sample
    const ready = input.length - taps - this.#skip;
    const settled =
      ready < 0
        ? 0
        : Math.floor((ready * this.#phases + this.#phases - 1 - this.#phase) / this.#step) + 1;
    const output = new Float32Array(Math.min(settled, most));
    for (let n = 0; n < output.length; n += 1) {
      const row = this.#phase * taps;
      let sum = 0;
      for (let tap = 0; tap < taps; tap += 1) {
        sum += (input[this.#skip + tap] ?? 0) * (this.#filter[row + tap] ?? 0);
      }
      output[n] = sum;
      const next = this.#phase + this.#step;
      this.#phase = next % this.#phases;
      this.#skip += Math.floor(next / this.#phases);
    }
    this.#outputs += output.length;
    const used = Math.min(this.#skip, input.length);
    this.#held = input.slice(used);
    this.#skip -= used;
    return output;
  }
}

/** Coefficients of each phase, for the inputs from reach - 1 before it to reach after it; each row sums to 1. */
function filterOf(phases: number, reach: number, narrowing: number): Float32Array {
  const taps = 2 * reach;
  const filter = new Float32Array(phases * taps);
  const row = new Float64Array(taps);
  const cutoff = CUTOFF * narrowing;
  for (let phase = 0; phase < phases; phase += 1) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      const distance = tap - (reach - 1) - phase / phases;
      row[tap] = sinc(cutoff * distance) * kaiser((distance * narrowing) / REACH);
      sum += row[tap] ?? 0;
    }
    for (let tap = 0; tap < taps; tap += 1) filter[phase * taps + tap] = (row[tap] ?? 0) / sum;
  }
  return filter;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Kaiser's window over -1..1, without its constant factor. */
function kaiser(x: number): number {
  return Math.abs(x) > 1 ? 0 : besselI0(KAISER_BETA * Math.sqrt(1 - x * x));
}

/** Modified Bessel function of the first kind and order zero, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
