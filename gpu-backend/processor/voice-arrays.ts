/**
 * Voice presets that are handed over as arrays, checked in the order in which the reference does:
 * of each key first whether it is there, then what it is, then its rank; after that what the
 * reference leaves to the model: first dimensions, lengths and ranges.
 */
import { COARSE_CODEBOOKS, FINE_CODEBOOKS } from '#shared/bark/constants.ts';
import {
  type PromptArray,
  VOICE_KEYS,
  type Voice,
  type VoiceKey,
  voiceFromPrompts,
} from '#shared/bark/voice.ts';
import { ProcessorError } from './processor-error.ts';

/** One array of a preset in C order: any numbers that are integers, 64-bit ones as well (reference: section 1.6). */
export interface PresetArray {
  /** Sizes of the dimensions, 1..9 000. */
  readonly shape: readonly number[];
  /** Values row by row. */
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
}

/** A preset as the reference's dictionary: [S], [2, T] and [8, T]; other keys are left out (reference: section 7.5). */
export type PresetArrays = Readonly<Record<VoiceKey, PresetArray>>;

const RANKS: Record<VoiceKey, number> = { semantic_prompt: 1, coarse_prompt: 2, fine_prompt: 2 };

/** The voice that `preset` is; throws ProcessorError naming the key at fault. Values are copied. */
export function voiceOf(preset: Voice | PresetArrays): Voice {
  return checkedVoice('semanticPrompt' in preset ? arraysOf(preset) : { ...preset });
}

/** The voice that these arrays are, found by the reference's keys and not trusted to be there. */
export function checkedVoice(given: Readonly<Record<string, unknown>>): Voice {
  // one after the other: the first fault is the one that is told
  const [semantic, coarse, fine] = [
    checkedArray('semantic_prompt', given),
    checkedArray('coarse_prompt', given),
    checkedArray('fine_prompt', given),
  ];
  try {
    return voiceFromPrompts({
      semantic_prompt: semantic,
      coarse_prompt: coarse,
      fine_prompt: fine,
    });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ProcessorError(`The voice preset does not fit Bark: ${cause.message}`, null, cause);
  }
}

/** The voice in the reference's keys and shapes; the arrays are the voice's own. */
export function arraysOf({ semanticPrompt, coarsePrompt, finePrompt }: Voice): PresetArrays {
  return {
    semantic_prompt: { shape: [semanticPrompt.length], data: semanticPrompt },
    coarse_prompt: {
      shape: [COARSE_CODEBOOKS, coarsePrompt.length / COARSE_CODEBOOKS],
      data: coarsePrompt,
    },
    fine_prompt: { shape: [FINE_CODEBOOKS, finePrompt.length / FINE_CODEBOOKS], data: finePrompt },
  };
}

function checkedArray(key: VoiceKey, preset: Readonly<Record<string, unknown>>): PromptArray {
  if (preset[key] === undefined) {
    throw new ProcessorError(
      `The voice preset is missing ${key}; it needs ${VOICE_KEYS.join(', ')}.`,
      'ValueError',
    );
  }
  const value = preset[key];
  const wanted = `${key} must be a ${RANKS[key]}-D array`;
  if (!isArray(value)) {
    throw new ProcessorError(`${wanted}, given as { shape, data }.`, 'TypeError');
  }
  if (value.shape.length !== RANKS[key]) {
    throw new ProcessorError(`${wanted}; it has ${value.shape.length} dimensions.`, 'ValueError');
  }
  if (value.shape.some((dimension) => !Number.isInteger(dimension) || dimension < 0)) {
    throw new ProcessorError(
      `${key} has the shape [${value.shape.join(', ')}], which is none.`,
      null,
    );
  }
  const { shape, data } = value;
  // of a 64-bit integer too large for a number only its being too large matters
  return { shape, data: isBigInts(data) ? Array.from(data, Number) : data };
}

function isArray(value: unknown): value is PresetArray {
  if (typeof value !== 'object' || value === null) return false;
  if (!('shape' in value && 'data' in value)) return false;
  const { shape, data } = value;
  return (
    Array.isArray(shape) &&
    shape.every((dimension) => typeof dimension === 'number') &&
    (Array.isArray(data) || (ArrayBuffer.isView(data) && 'length' in data))
  );
}

function isBigInts(data: PresetArray['data']): data is ArrayLike<bigint> {
  return typeof data[0] === 'bigint';
}
