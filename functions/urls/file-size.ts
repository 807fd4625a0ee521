/** How long a text may be that becomes a file: known before anything is spoken, so that no file breaks off in the middle. */
import type { AudioShape } from '#shared/audio/formats.ts';
import { SpeechFault } from '#shared/errors.ts';
import { speechLength } from '#shared/text/speech-length.ts';
import { MAX_FILE_BYTES } from './file-room.ts';

/** Longest text of one file, in code points; some 40 minutes. */
export const MAX_FILE_CHARACTERS = 32_768;

/** What a unit of `speechLength` takes in a slow voice, with its share of the pauses between sentences. */
const SECONDS_PER_UNIT = 0.08;

/** Bytes a second of sound at most, by format and sample rate. */
const BYTES_A_SECOND: Readonly<Record<AudioShape['format'], (sampleRate: number) => number>> = {
  mp3: () => 12_000,
  opus: () => 7_000,
  aac: (sampleRate) => sampleRate / 3,
  flac: (sampleRate) => 2 * sampleRate,
  wav: (sampleRate) => 2 * sampleRate,
  pcm: (sampleRate) => 2 * sampleRate,
  mulaw: (sampleRate) => sampleRate,
  alaw: (sampleRate) => sampleRate,
};

/** What the file of a text may have, in bytes. */
export function fileBytes(text: string, audio: AudioShape): number {
  const { sampleRate, speed, encoding = 'linear16' } = audio;
  const format = encoding === 'linear16' ? audio.format : encoding;
  const seconds = (speechLength(text) * SECONDS_PER_UNIT) / speed;
  return Math.ceil(seconds * BYTES_A_SECOND[format](sampleRate));
}

/** Throws `text_too_long`, with what helps, for a text that would not fit. */
export function assertFits(text: string, audio: AudioShape): void {
  const bytes = fileBytes(text, audio);
  if (bytes <= MAX_FILE_BYTES) return;
  throw new SpeechFault(
    'text_too_long',
    `As ${audio.format} this text would have about ${Math.ceil(bytes / 1e6)} MB, and a URL plays at most ${Math.floor(MAX_FILE_BYTES / 1e6)}; ask for opus or mp3, or for URLs of shorter texts.`,
    { param: 'input' },
  );
}
