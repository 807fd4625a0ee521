/** When each sentence of a speech is heard, in seconds of what a listener hears. */
import type { Speech, SpokenSpan } from './begin-speech.ts';

export interface HeardCue {
  readonly text: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** All that has been spoken; `speed` shortens what is heard. */
export function cuesOf(text: string, speech: Speech, speed: number): HeardCue[] {
  const samplesPerSecond = speech.sampleRate * speed;
  return speech.sentences
    .filter((span): span is Required<SpokenSpan> => span.toSample !== undefined)
    .map(({ start, end, fromSample, toSample }) => ({
      text: text.slice(start, end),
      fromSeconds: fromSample / samplesPerSecond,
      toSeconds: toSample / samplesPerSecond,
    }));
}

/** Asked again and again, tells each sentence once, after it was spoken. */
export function cuesHeard(text: string, speech: Speech, speed: number): () => HeardCue[] {
  let told = 0;
  return () => {
    const fresh = cuesOf(text, speech, speed).slice(told);
    told += fresh.length;
    return fresh;
  };
}
