/** How far apart two sounds are, and whether joins can be heard. */

const FRAME = 1_024;
const HOP = 256;
const BANDS = 80;

/** Root mean square difference of two log mel spectrograms over their common length, in dB. */
export function logMelDistance(a: Float32Array, b: Float32Array, sampleRate: number): number {
  const [left, right] = [logMel(a, sampleRate), logMel(b, sampleRate)];
  const count = Math.min(left.length, right.length);
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += ((left[i] ?? 0) - (right[i] ?? 0)) ** 2;
  return Math.sqrt(sum / Math.max(1, count));
}

/** The largest jump between samples at a join, as a share of the largest anywhere else: above 1 it is a click. */
export function joinJumps(audio: Float32Array, joins: readonly number[]): number {
  const at = new Set(joins);
  let elsewhere = 0;
  let worst = 0;
  for (let i = 1; i < audio.length; i += 1) {
    const jump = Math.abs((audio[i] ?? 0) - (audio[i - 1] ?? 0));
    if (at.has(i)) worst = Math.max(worst, jump);
    else elsewhere = Math.max(elsewhere, jump);
  }
  return elsewhere === 0 ? 0 : worst / elsewhere;
}

/** Log power of mel bands in dB, frame after frame, floored at -80 dB of full scale. */
function logMel(audio: Float32Array, sampleRate: number): Float64Array {
  const frames = Math.max(0, Math.floor((audio.length - FRAME) / HOP) + 1);
  const bank = melBank(sampleRate);
  const result = new Float64Array(frames * BANDS);
  for (let frame = 0; frame < frames; frame += 1) {
    const power = powerSpectrum(audio.subarray(frame * HOP, frame * HOP + FRAME));
    bank.forEach((weights, band) => {
      let energy = 0;
      for (let bin = 0; bin < weights.length; bin += 1)
        energy += (weights[bin] ?? 0) * (power[bin] ?? 0);
      result[frame * BANDS + band] = 10 * Math.log10(Math.max(energy, 1e-8));
    });
  }
  return result;
}

function melOf(hz: number): number {
  return 2_595 * Math.log10(1 + hz / 700);
}

function hzOf(mel: number): number {
  return 700 * (10 ** (mel / 2_595) - 1);
}

/** Triangular filters, evenly spaced in mel. */
function melBank(sampleRate: number): Float64Array[] {
  const edges = Array.from(
    { length: BANDS + 2 },
    (_, i) => (hzOf((i * melOf(sampleRate / 2)) / (BANDS + 1)) * FRAME) / sampleRate,
  );
  return Array.from({ length: BANDS }, (_, band) => {
    const [low = 0, middle = 0, high = 0] = edges.slice(band, band + 3);
    return Float64Array.from({ length: FRAME / 2 + 1 }, (__, bin) =>
      Math.max(
        0,
        Math.min(
          (bin - low) / Math.max(1e-9, middle - low),
          (high - bin) / Math.max(1e-9, high - middle),
        ),
      ),
    );
  });
}

/** Power of the bins 0..FRAME / 2 under a Hann window: iterative radix-2 FFT. */
function powerSpectrum(samples: Float32Array): Float64Array {
  const real = Float64Array.from(
    samples,
    (sample, i) => sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME)),
  );
  const imaginary = new Float64Array(FRAME);
  for (let i = 1, j = 0; i < FRAME; i += 1) {
    let bit = FRAME >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [real[i], real[j]] = [real[j] ?? 0, real[i] ?? 0];
  }
  for (let size = 2; size <= FRAME; size *= 2) {
    for (let start = 0; start < FRAME; start += size) {
      for (let k = 0; k < size / 2; k += 1) {
        const angle = (-2 * Math.PI * k) / size;
        const [even, odd] = [start + k, start + k + size / 2];
        const [re, im] = [real[odd] ?? 0, imaginary[odd] ?? 0];
        const turnedRe = re * Math.cos(angle) - im * Math.sin(angle);
        const turnedIm = re * Math.sin(angle) + im * Math.cos(angle);
        real[odd] = (real[even] ?? 0) - turnedRe;
        imaginary[odd] = (imaginary[even] ?? 0) - turnedIm;
        real[even] = (real[even] ?? 0) + turnedRe;
        imaginary[even] = (imaginary[even] ?? 0) + turnedIm;
      }
    }
  }
  return Float64Array.from(
    { length: FRAME / 2 + 1 },
    (_, bin) => ((real[bin] ?? 0) ** 2 + (imaginary[bin] ?? 0) ** 2) / FRAME,
  );
}
