/** Whether the places where pieces of sound were joined can be told from all others. */

/** Samples of a spectrum, 10.7 ms at 24 kHz: short enough that a click fills it. */
const FRAME = 256;

/** Where a sound changes most abruptly: the largest step from sample to sample, and the largest change of spectrum. */
export interface Abruptness {
  readonly jump: number;
  readonly flux: number;
}

/** The most abrupt change anywhere in the sound. */
export function abruptness(audio: Float32Array): Abruptness {
  const places = Array.from(
    { length: Math.max(0, Math.floor(audio.length / (FRAME / 4)) - 8) },
    (_, i) => FRAME + i * (FRAME / 4),
  );
  let jump = 0;
  for (let i = 1; i < audio.length; i += 1) jump = Math.max(jump, jumpAt(audio, i));
  return { jump, flux: Math.max(0, ...places.map((place) => fluxAt(audio, place))) };
}

/** The most abrupt change at any of the joins; a join is the first sample of a piece. */
export function abruptnessAt(audio: Float32Array, joins: readonly number[]): Abruptness {
  const inside = joins.filter((join) => join >= FRAME && join + FRAME <= audio.length);
  return {
    jump: Math.max(0, ...inside.map((join) => jumpAt(audio, join))),
    flux: Math.max(0, ...inside.map((join) => fluxAt(audio, join))),
  };
}

function jumpAt(audio: Float32Array, at: number): number {
  return Math.abs((audio[at] ?? 0) - (audio[at - 1] ?? 0));
}

/** How much stronger the frame around `at` is than the one before, summed over all bins. */
function fluxAt(audio: Float32Array, at: number): number {
  const before = spectrum(audio.subarray(at - FRAME, at));
  const around = spectrum(audio.subarray(at - FRAME / 2, at + FRAME / 2));
  return around.reduce((sum, level, bin) => sum + Math.max(0, level - (before[bin] ?? 0)), 0);
}

/** Magnitudes of the bins 0..FRAME / 2 under a Hann window. */
function spectrum(samples: Float32Array): Float64Array {
  return Float64Array.from({ length: FRAME / 2 + 1 }, (_, bin) => {
    let real = 0;
    let imaginary = 0;
    for (let i = 0; i < FRAME; i += 1) {
      const value = (samples[i] ?? 0) * (0.5 - 0.5 * cosine(i));
      real += value * cosine(bin * i);
      imaginary += value * cosine(bin * i - FRAME / 4);
    }
    return Math.hypot(real, imaginary);
  });
}

const COSINES = Float64Array.from({ length: FRAME }, (_, i) => Math.cos((2 * Math.PI * i) / FRAME));

/** cos(2 pi i / FRAME) for any whole i. */
function cosine(i: number): number {
  return COSINES[((i % FRAME) + FRAME) % FRAME] ?? 0;
}
