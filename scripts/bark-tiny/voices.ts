/** Two voices of noise, in the files that the hub has for a voice. */
import { randomIntegers } from './noise.ts';
import { CODEBOOKS, CODEBOOK_SIZE, SEMANTIC_TOKENS } from './sizes.ts';

export const VOICES = ['v2/en_speaker_0', 'v2/en_speaker_1'];
const VOICE_TOKENS = 230;
/** 1.503 frames a semantic token: 75 / 49.9. */
const VOICE_FRAMES = Math.floor((VOICE_TOKENS * 1_503) / 1_000);

/** The three prompts of a voice, random but of lengths that belong together; coarse in Fortran order, as on the hub. */
export function voiceFiles(voice: string): Record<string, Uint8Array> {
  const below = randomIntegers(voice);
  const semantic = Array.from({ length: VOICE_TOKENS }, () => below(SEMANTIC_TOKENS));
  const fine = Array.from({ length: CODEBOOKS * VOICE_FRAMES }, () => below(CODEBOOK_SIZE));
  const columns = Array.from(
    { length: 2 * VOICE_FRAMES },
    (_, i) => fine[(i % 2) * VOICE_FRAMES + (i >> 1)] ?? 0,
  );
  return {
    semantic_prompt: npy(semantic, [VOICE_TOKENS], false),
    coarse_prompt: npy(columns, [2, VOICE_FRAMES], true),
    fine_prompt: npy(fine, [CODEBOOKS, VOICE_FRAMES], false),
  };
}

/** A `.npy` file of format 1.0: `values` as int64, already in the order in which they are to lie. */
function npy(values: readonly number[], shape: readonly number[], fortran: boolean): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '<i8', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const file = new Uint8Array(10 + padded.length + 8 * values.length);
  file.set([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    1,
    0,
    padded.length & 0xff,
    padded.length >> 8,
  ]);
  file.set(new TextEncoder().encode(padded), 10);
  const view = new DataView(file.buffer);
  values.forEach((value, i) => view.setBigInt64(10 + padded.length + 8 * i, BigInt(value), true));
  return file;
}
