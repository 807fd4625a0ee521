/** What is to be spoken: rows of ids and a voice, checked against the sizes of a checkpoint. */
import { textTokens, type TextTokens } from '#shared/bark/shapes.ts';
import type { Voice } from '#shared/bark/voice.ts';
import {
  assertFields,
  described,
  integersOf,
  itemsOf,
  reading,
  type IntegerBounds,
} from './arguments.ts';
import type { BarkConfig, GenerationConfig } from './bark-config.ts';
import { BarkError } from './bark-error.ts';
import { checkedVoice } from './checked-voice.ts';

/** What a processor answers, or the same by hand (reference: section 7.1). */
export interface GenerateInputs {
  /** [B][length] BERT ids before Bark's offset, 1 to 1 024 rows; of each row the first 256 count. */
  readonly inputIds: readonly ArrayLike<number>[];
  /** [B][length], 1 where an id counts and 0 where it is padding. Without it all ids count, padding too. */
  readonly attentionMask?: readonly ArrayLike<number>[];
  /** One voice for all rows. */
  readonly historyPrompt?: Voice | null;
}

/** The model that the inputs are for. */
interface Sizes {
  readonly config: BarkConfig;
  readonly generation: GenerationConfig;
}

const ROWS_MAX = 1_024;
/** Longest row that is looked at, as the processor's. */
const LENGTH_MAX = 1_048_576;
const INT32: IntegerBounds = { min: -(2 ** 31), max: 2 ** 31 - 1, most: LENGTH_MAX };
const FLAGS: IntegerBounds = { min: 0, max: 1, most: LENGTH_MAX, beyond: 'ValueError' };

/** What a processor may answer beside what is read here. */
const FIELDS = [
  'inputIds',
  'attentionMask',
  'historyPrompt',
  'tokenTypeIds',
  'specialTokensMask',
  'length',
];

/** The same, read once; throws BarkError for what is no object, and for a field that means nothing. */
export function readInputs(inputs: GenerateInputs): GenerateInputs {
  return reading('inputs', () => {
    if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) {
      throw new BarkError(
        `inputs must be what a processor answers, { inputIds, attentionMask, historyPrompt }; it is ${described(inputs)}.`,
        'TypeError',
      );
    }
    assertFields('inputs', inputs, FIELDS);
    const { inputIds, attentionMask, historyPrompt } = inputs;
    return {
      inputIds,
      ...(attentionMask !== undefined && attentionMask !== null && { attentionMask }),
      ...(historyPrompt !== undefined && { historyPrompt }),
    };
  });
}

/** The rows as the stages take them; throws BarkError that names the argument and entry at fault. */
export function textRows({ inputIds, attentionMask }: GenerateInputs, sizes: Sizes): TextTokens[] {
  if (reading('inputIds', () => !inputIds || inputIds.length === 0)) {
    throw new BarkError(
      'inputIds is missing; give at least one row, as a processor does.',
      'ValueError',
    );
  }
  const shape = { shape: '[B][length] with a row a text', most: ROWS_MAX };
  const rows = itemsOf('inputIds', inputIds, shape);
  const masks = attentionMask === undefined ? null : itemsOf('attentionMask', attentionMask, shape);
  if (masks !== null && masks.length !== rows.length) throw unlikeIds();
  return rows.map((row, index) => {
    const ids = integersOf(`inputIds[${index}]`, row, INT32);
    const mask =
      masks === null ? undefined : integersOf(`attentionMask[${index}]`, masks[index], FLAGS);
    if (mask !== undefined && mask.length !== ids.length) throw unlikeIds();
    const text = textTokens(ids, mask && Uint8Array.from(mask));
    assertIds(text, sizes);
    return text;
  });
}

function unlikeIds(): BarkError {
  return new BarkError(
    'attentionMask must have the rows and lengths of inputIds; leave it out where all ids count.',
    'ValueError',
  );
}

/** Of what counts only: padding and what lies beyond the prompt are never looked up. */
function assertIds({ ids, mask }: TextTokens, { config, generation: { semantic } }: Sizes): void {
  const limit = config.semantic.inputVocabularySize - semantic.textEncodingOffset;
  const counted = ids.subarray(0, semantic.maxInputSemanticLength);
  const wrong = counted.findIndex((id, i) => mask[i] === 1 && (id < 0 || id >= limit));
  if (wrong === -1) return;
  throw new BarkError(
    `An id of inputIds must lie in 0..${limit - 1}; entry ${wrong} does not. Use the processor of this checkpoint.`,
    'IndexError',
  );
}

/** A copy of the voice, null where there is none; throws BarkError for one that this model does not know. */
export function voiceOrNull(voice: Voice | null | undefined, { generation }: Sizes): Voice | null {
  if (voice === null || voice === undefined) return null;
  return checkedVoice('historyPrompt', voice, {
    semanticVocabulary: generation.semantic.semanticVocabularySize,
    codebookSize: generation.codebookSize,
  });
}
