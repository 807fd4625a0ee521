/** Voices to files and back. */
import { CODEBOOK_SIZE, SEMANTIC_VOCABULARY } from '#shared/bark/constants.ts';
import { readVoiceNpz as readNpz } from '#shared/bark/voice-file.ts';
import type { Voice, VoiceKey } from '#shared/bark/voice.ts';
import { saveVoiceNpys as encodeNpys, saveVoiceNpz as encodeNpz } from '../voices/save-voice.ts';
import { bytesOf } from './arguments.ts';
import { BarkError } from './bark-error.ts';
import { checkedVoice } from './checked-voice.ts';

/**
 * Reads the bytes of an `.npz` with the three arrays [S], [2, T] and [8, T], as `saveVoiceNpz`, numpy and suno's code
 * write it (reference: section 1.6). Throws BarkError that names the array at fault.
 */
export function readVoiceNpz(bytes: Uint8Array): Voice {
  const file = bytesOf('bytes', bytes);
  try {
    return readNpz(file);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new BarkError(`The bytes are no voice: ${cause.message}`, 'ValueError', cause);
  }
}

/**
 * One `.npz` with the three arrays as int64, [S], [2, T] and [8, T], stored as `numpy.savez` does (reference: section
 * 1.6). Throws BarkError for what is no voice.
 */
export function saveVoiceNpz(voice: Voice): Uint8Array<ArrayBuffer> {
  return encodeNpz(checked(voice));
}

/**
 * Three `.npy` of int64, [S], [2, T] and [8, T], as a checkpoint's `speaker_embeddings` has them (reference: section
 * 1.5). Throws BarkError for what is no voice.
 */
export function saveVoiceNpys(voice: Voice): Record<VoiceKey, Uint8Array<ArrayBuffer>> {
  return encodeNpys(checked(voice));
}

function checked(voice: Voice): Voice {
  return checkedVoice('voice', voice, {
    semanticVocabulary: SEMANTIC_VOCABULARY,
    codebookSize: CODEBOOK_SIZE,
  });
}
