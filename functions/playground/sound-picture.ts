/** What a sound looks like, grown piece by piece: its outline, and how loud each band is. */
import FFT from 'fft.js';

/** Columns a second of both pictures. */
export const COLUMNS_PER_SECOND = 100;

/** Rows of the spectrogram, evenly spaced on the mel scale. */
export const BANDS = 96;

/** What is quieter than this below full scale is black, in dB. */
const FLOOR_DB = -90;

/** Longest time that one transform looks at, in seconds; it grows to a power of two. */
const WINDOW_SECONDS = 0.03;

export class SoundPicture {
  /** Samples a second. */
  readonly rate: number;
  /** Lowest and highest sample of each column, in turns, in -1..1. */
  readonly outline: number[] = [];
  /** Loudness of each band of each column, lowest band first, in 0..255. */
  readonly columns: Uint8Array[] = [];
  readonly #hop: number;
  readonly #size: number;
  readonly #window: Float64Array;
  readonly #bands: readonly (readonly [number, number])[];
  readonly #fft: FFT;
  readonly #spectrum: number[];
  readonly #recent: Float64Array;
  readonly #ordered: Float64Array;
  #fill = 0;
  #samples = 0;
  #low = 0;
  #high = 0;

  constructor(rate: number) {
    this.rate = rate;
    this.#hop = Math.round(rate / COLUMNS_PER_SECOND);
    this.#size = 2 ** Math.ceil(Math.log2(rate * WINDOW_SECONDS));
    // Hann
    this.#window = Float64Array.from(
      { length: this.#size },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / this.#size),
    );
    this.#fft = new FFT(this.#size);
    this.#spectrum = this.#fft.createComplexArray();
    this.#bands = bandBins(this.#size, rate);
    this.#recent = new Float64Array(this.#size);
    this.#ordered = new Float64Array(this.#size);
  }

  /** Seconds so far. */
  get duration(): number {
    return this.#samples / this.rate;
  }

  add(samples: Float32Array): void {
    for (const sample of samples) {
      this.#low = Math.min(this.#low, sample);
      this.#high = Math.max(this.#high, sample);
      this.#recent[this.#samples % this.#size] = sample;
      this.#samples += 1;
      this.#fill += 1;
      if (this.#fill === this.#hop) this.#endColumn();
    }
  }

  #endColumn(): void {
    this.outline.push(this.#low, this.#high);
    this.columns.push(this.#loudness());
    this.#fill = 0;
    this.#low = 0;
    this.#high = 0;
  }

  /** Of the last window, in the order in which it was heard. */
  #loudness(): Uint8Array {
    const size = this.#size;
    for (let i = 0; i < size; i += 1) {
      this.#ordered[i] = (this.#window[i] ?? 0) * (this.#recent[(this.#samples + i) % size] ?? 0);
    }
    this.#fft.realTransform(this.#spectrum, this.#ordered);
    const power = this.#bands.map(([from, to]) => {
      let loudest = 0;
      for (let bin = from; bin < to; bin += 1) {
        const real = this.#spectrum[2 * bin] ?? 0;
        const imaginary = this.#spectrum[2 * bin + 1] ?? 0;
        loudest = Math.max(loudest, real * real + imaginary * imaginary);
      }
      return loudest;
    });
    // a sine of full scale reaches a quarter of the window's length
    const full = (size / 4) ** 2;
    return Uint8Array.from(power, (one) => {
      const db = 10 * Math.log10(one / full + 1e-12);
      return 255 * Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
    });
  }
}

/** First bin of each band, and the one after its last; a band has one at least. */
function bandBins(size: number, rate: number): (readonly [number, number])[] {
  const step = mel(rate / 2) / BANDS;
  const binAt = (band: number): number => Math.floor((hertz(band * step) * size) / rate);
  return Array.from({ length: BANDS }, (_, band) => {
    const from = Math.min(binAt(band), size / 2 - 1);
    return [from, Math.max(from + 1, binAt(band + 1))] as const;
  });
}

/** O'Shaughnessy's formula, of a frequency in Hz, and back. */
function mel(frequency: number): number {
  return 2_595 * Math.log10(1 + frequency / 700);
}

function hertz(mels: number): number {
  return 700 * (10 ** (mels / 2_595) - 1);
}
