/** Writes voices as files that transformers' processor and suno's code load: int64 arrays, C order. */
import { zipSync } from 'fflate';
import { COARSE_CODEBOOKS, FINE_CODEBOOKS } from '#shared/bark/constants.ts';
import { encodeNpy } from '#shared/bark/npy.ts';
import { VOICE_KEYS, type PromptArray, type Voice, type VoiceKey } from '#shared/bark/voice.ts';

/** The earliest time that a ZIP archive can tell, so that a voice always has the same bytes. */
const NO_TIME = new Date(1980, 0, 1);

/** One `.npz` with the three arrays, stored as `numpy.savez` does. */
export function saveVoiceNpz(voice: Voice): Uint8Array<ArrayBuffer> {
  const files = saveVoiceNpys(voice);
  return zipSync(Object.fromEntries(VOICE_KEYS.map((key) => [`${key}.npy`, files[key]])), {
    level: 0,
    mtime: NO_TIME,
  });
}

/** Three `.npy`, as a checkpoint's `speaker_embeddings` has them. */
export function saveVoiceNpys(voice: Voice): Record<VoiceKey, Uint8Array<ArrayBuffer>> {
  return {
    semantic_prompt: encodeNpy(rowsOf(voice.semanticPrompt, null), '<i8'),
    coarse_prompt: encodeNpy(rowsOf(voice.coarsePrompt, COARSE_CODEBOOKS), '<i8'),
    fine_prompt: encodeNpy(rowsOf(voice.finePrompt, FINE_CODEBOOKS), '<i8'),
  };
}

function rowsOf(data: Uint16Array, rows: number | null): PromptArray {
  return { shape: rows === null ? [data.length] : [rows, data.length / rows], data };
}
