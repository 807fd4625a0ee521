/** How sentences become one recording: what silence is cut from their ends, and what stands between them. */
import { waveform, type Waveform } from '#shared/bark/shapes.ts';

/** A sample beyond this is sound: -48 dB of full scale, well below speech, above the codec's noise in pauses. */
export const SOUND_THRESHOLD = 0.004;
/** What is left of the silence before the first and after the last sound, so that no soft beginning or end is cut. */
export const KEPT_SECONDS = 0.05;
/** A cut goes to zero over this long, all of it in what was silence. */
const FADE_SECONDS = 0.005;

export interface SoundRange {
  /** First sample to keep. */
  readonly from: number;
  /** First sample after those to keep. */
  readonly until: number;
}

/** Where sound is, its margins included; everything where nothing is louder than the threshold: that is no silence around speech. */
export function soundRange(samples: Float32Array, sampleRate: number): SoundRange {
  const first = samples.findIndex(isSound);
  if (first === -1) return { from: 0, until: samples.length };
  const last = samples.findLastIndex(isSound);
  const kept = Math.round(KEPT_SECONDS * sampleRate);
  return { from: Math.max(0, first - kept), until: Math.min(samples.length, last + 1 + kept) };
}

function isSound(sample: number): boolean {
  return Math.abs(sample) > SOUND_THRESHOLD;
}

/** The sentence without the silence around it; a copy, its cut ends at zero. */
export function trimSilence(samples: Waveform, sampleRate: number): Waveform {
  const { from, until } = soundRange(samples, sampleRate);
  const trimmed = samples.slice(from, until);
  const fade = Math.round(FADE_SECONDS * sampleRate);
  for (let i = 0; i < Math.min(fade, trimmed.length); i += 1) {
    const last = trimmed.length - 1 - i;
    if (from > 0) trimmed[i] = (trimmed[i] ?? 0) * (i / fade);
    if (until < samples.length) trimmed[last] = (trimmed[last] ?? 0) * (i / fade);
  }
  return waveform(trimmed);
}

/** The sentence after `pauseSamples` of silence. */
export function afterPause(samples: Waveform, pauseSamples: number): Waveform {
  if (pauseSamples === 0) return samples;
  const joined = new Float32Array(pauseSamples + samples.length);
  joined.set(samples, pauseSamples);
  return waveform(joined);
}

/** Where in `text` each sentence stands, in code units; sentences are parts of the text in its order. */
export function placesOf(
  text: string,
  sentences: readonly string[],
): { readonly from: number; readonly to: number }[] {
  let at = 0;
  return sentences.map((sentence) => {
    const from = text.indexOf(sentence, at);
    if (from === -1) throw new RangeError('A sentence is not a part of the text, or out of order.');
    at = from + sentence.length;
    return { from, to: at };
  });
}
