/**
 * A voice is a history prompt: what someone once said, as the tokens of all three stages.
 * Its canonical bytes (uint16 little endian, C order, with shapes) travel on the wire and are what its hash is over.
 */
import {
  CODEBOOK_SIZE,
  COARSE_CODEBOOKS,
  FINE_CODEBOOKS,
  SEMANTIC_VOCABULARY,
} from './constants.ts';

/** What someone once said, as the three prompts that go before what is to be said in that voice (reference: section 1.6). */
export interface Voice {
  /** [S] semantic tokens, 0..9999. */
  readonly semanticPrompt: Uint16Array;
  /** [2, T] coarse codes row by row, 0..1023. */
  readonly coarsePrompt: Uint16Array;
  /** [8, T] fine codes row by row, 0..1023. */
  readonly finePrompt: Uint16Array;
}

/** The keys of a preset, in the order in which the reference checks them (reference: section 7.5). */
export const VOICE_KEYS = ['semantic_prompt', 'coarse_prompt', 'fine_prompt'] as const;
/** One of the keys of a preset (reference: section 7.5). */
export type VoiceKey = (typeof VOICE_KEYS)[number];

/** One stored array of a preset: any integer type widened to numbers, C order. */
export interface PromptArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Most frames or tokens along one axis of a voice: two minutes, far above any preset (731 and 1 098). */
export const VOICE_MAX_LENGTH = 9_000;

const EXPECTED: Record<VoiceKey, { rank: number; rows: number | null; limit: number }> = {
  semantic_prompt: { rank: 1, rows: null, limit: SEMANTIC_VOCABULARY },
  coarse_prompt: { rank: 2, rows: COARSE_CODEBOOKS, limit: CODEBOOK_SIZE },
  fine_prompt: { rank: 2, rows: FINE_CODEBOOKS, limit: CODEBOOK_SIZE },
};

/** Checks rank, first dimension, lengths and ranges; throws RangeError with the key and the fault. */
export function voiceFromPrompts(prompts: Readonly<Record<VoiceKey, PromptArray>>): Voice {
  const voice = {
    semanticPrompt: checkedPrompt('semantic_prompt', prompts.semantic_prompt),
    coarsePrompt: checkedPrompt('coarse_prompt', prompts.coarse_prompt),
    finePrompt: checkedPrompt('fine_prompt', prompts.fine_prompt),
  };
  const coarseFrames = voice.coarsePrompt.length / COARSE_CODEBOOKS;
  const fineFrames = voice.finePrompt.length / FINE_CODEBOOKS;
  if (coarseFrames !== fineFrames) {
    throw new RangeError(
      `coarse_prompt has ${coarseFrames} frames and fine_prompt ${fineFrames}; a voice needs as many in both.`,
    );
  }
  return voice;
}

function checkedPrompt(key: VoiceKey, { shape, data }: PromptArray): Uint16Array {
  const { rank, rows, limit } = EXPECTED[key];
  if (shape.length !== rank) {
    throw new RangeError(`${key} must be a ${rank}-D array; it has ${shape.length} dimensions.`);
  }
  if (rows !== null && shape[0] !== rows) {
    throw new RangeError(`${key} must have ${rows} rows; it has ${shape[0]}.`);
  }
  const length = shape.at(-1) ?? 0;
  if (length < 1 || length > VOICE_MAX_LENGTH) {
    throw new RangeError(`${key} must be 1..${VOICE_MAX_LENGTH} long; it is ${length}.`);
  }
  if (data.length !== (rows ?? 1) * length) {
    throw new RangeError(`${key} has ${data.length} values for the shape [${shape.join(', ')}].`);
  }
  const checked = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i += 1) {
    const value = data[i] ?? -1;
    if (!Number.isInteger(value) || value < 0 || value >= limit) {
      const shown = typeof value === 'number' ? value : `a ${typeof value}`;
      throw new RangeError(`${key} must hold integers in 0..${limit - 1}; entry ${i} is ${shown}.`);
    }
    checked[i] = value;
  }
  return checked;
}

/**
 * Canonical bytes of a voice: for each of the three arrays its rank and dimensions as uint32, then
 * its values as uint16, all little endian, C order.
 */
export function encodeVoice(voice: Voice): Uint8Array<ArrayBuffer> {
  const arrays = [
    { shape: [voice.semanticPrompt.length], data: voice.semanticPrompt },
    {
      shape: [COARSE_CODEBOOKS, voice.coarsePrompt.length / COARSE_CODEBOOKS],
      data: voice.coarsePrompt,
    },
    { shape: [FINE_CODEBOOKS, voice.finePrompt.length / FINE_CODEBOOKS], data: voice.finePrompt },
  ];
  const sizeBytes = arrays.reduce(
    (sum, { shape, data }) => sum + 4 + 4 * shape.length + 2 * data.length,
    0,
  );
  const bytes = new Uint8Array(sizeBytes);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { shape, data } of arrays) {
    view.setUint32(at, shape.length, true);
    at += 4;
    for (const dimension of shape) {
      view.setUint32(at, dimension, true);
      at += 4;
    }
    for (const value of data) {
      view.setUint16(at, value, true);
      at += 2;
    }
  }
  return bytes;
}

/** Reads canonical bytes back; throws RangeError on anything that `encodeVoice` would not have written. */
export function decodeVoice(bytes: Uint8Array): Voice {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (size: number): number => {
    if (at + size > view.byteLength) throw new RangeError('The bytes of the voice end too early.');
    const from = at;
    at += size;
    return from;
  };
  const readArray = (): PromptArray => {
    const rank = view.getUint32(take(4), true);
    if (rank < 1 || rank > 2)
      throw new RangeError(`An array of a voice has 1 or 2 dimensions, not ${rank}.`);
    const shape = Array.from({ length: rank }, () => view.getUint32(take(4), true));
    if (shape.some((dimension) => dimension > VOICE_MAX_LENGTH)) {
      throw new RangeError(
        `An array of a voice is at most ${VOICE_MAX_LENGTH} long; one is [${shape.join(', ')}].`,
      );
    }
    const count = shape.reduce((product, dimension) => product * dimension, 1);
    const from = take(2 * count);
    return {
      shape,
      data: Uint16Array.from({ length: count }, (_, i) => view.getUint16(from + 2 * i, true)),
    };
  };
  const prompts = {
    semantic_prompt: readArray(),
    coarse_prompt: readArray(),
    fine_prompt: readArray(),
  };
  if (at !== view.byteLength)
    throw new RangeError('The bytes of the voice go on after its last array.');
  return voiceFromPrompts(prompts);
}

/** SHA-256 of the canonical bytes, 64 hexadecimal digits: names a voice by what it is. */
export async function hashVoice(canonical: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', canonical)));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
