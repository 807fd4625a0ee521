/**
 * Audio with the times of its text, in ElevenLabs' words. Bark knows when a sentence is heard and not when a letter is,
 * so all characters of a sentence have the times of the sentence.
 */
import { base64, Base64Stream } from './base64.ts';
import type { Cue } from './captions.ts';

export interface Alignment {
  readonly characters: readonly string[];
  readonly character_start_times_seconds: readonly number[];
  readonly character_end_times_seconds: readonly number[];
}

/** Of sentences in their order; characters are code points. */
export function alignmentOf(cues: readonly Cue[]): Alignment {
  const timed = cues.flatMap(({ text, fromSeconds, toSeconds }) =>
    Array.from(text, (character) => ({ character, fromSeconds, toSeconds })),
  );
  return {
    characters: timed.map(({ character }) => character),
    character_start_times_seconds: timed.map(({ fromSeconds }) => fromSeconds),
    character_end_times_seconds: timed.map(({ toSeconds }) => toSeconds),
  };
}

/** Sentences that have been heard since it was last asked. */
type TakeCues = () => readonly Cue[];

/** One JSON object for all of it, written while the audio comes. */
export async function* timedDocument(
  audio: AsyncIterable<Uint8Array>,
  takeCues: TakeCues,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoded = new Base64Stream();
  yield utf8('{"audio_base64":"');
  for await (const bytes of audio) {
    const text = encoded.write(bytes);
    if (text !== '') yield utf8(text);
  }
  const alignment = JSON.stringify(alignmentOf(takeCues()));
  yield utf8(`${encoded.end()}","alignment":${alignment},"normalized_alignment":null}`);
}

/** One JSON object a line for each piece; a sentence's times come with the piece that ends it. */
export async function* timedLines(
  audio: AsyncIterable<Uint8Array>,
  takeCues: TakeCues,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const bytes of audio) yield line(bytes, takeCues());
  const rest = takeCues();
  if (rest.length > 0) yield line(new Uint8Array(0), rest);
}

function line(bytes: Uint8Array, cues: readonly Cue[]): Uint8Array {
  const alignment = cues.length === 0 ? null : alignmentOf(cues);
  return utf8(
    `${JSON.stringify({ audio_base64: base64(bytes), alignment, normalized_alignment: null })}\n`,
  );
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
