/** Texts to rows of ids with their masks, as the reference's tokenizer lays them out. */
import { MAX_SENTENCE_TOKENS } from '#shared/bark/constants.ts';
import { type TextTokens, textTokens } from '#shared/bark/shapes.ts';
import { z } from 'zod/mini';
import { fieldsOf, reading } from './arguments.ts';
import { ProcessorError } from './processor-error.ts';
import type { Side, TokenizerFiles } from './tokenizer-files.ts';

/** Longest padded row; Bark reads 256 ids of one. */
const LENGTH_MAX = 1_048_576;

/** How texts become rows; what is left out is as in the reference's processor (reference: section 2.4). */
export interface EncodingOptions {
  /** Ids of a padded row, and of a cut one; 256 unless told, which is what Bark reads. */
  readonly maxLength?: number | undefined;
  /** `max_length` unless told; `longest` pads to the longest row, `do_not_pad` leaves rows of different lengths. */
  readonly padding?: 'max_length' | 'longest' | 'do_not_pad' | undefined;
  /** The tokenizer's own unless told, which is right for Bark. */
  readonly paddingSide?: Side | undefined;
  /** Rounds the padded length up to a multiple of this, 1..1 048 576. */
  readonly padToMultipleOf?: number | undefined;
  /** Whether rows are cut to `maxLength`; false unless told. */
  readonly truncation?: boolean | undefined;
  /** Whether a row is `[CLS]` ids `[SEP]`; false unless told, as Bark knows neither. */
  readonly addSpecialTokens?: boolean | undefined;
  /** Whether a list of strings is one text that was split into words, rather than several texts. */
  readonly isSplitIntoWords?: boolean | undefined;
  /** True unless told. */
  readonly returnAttentionMask?: boolean | undefined;
  /** False unless told. */
  readonly returnTokenTypeIds?: boolean | undefined;
  /** False unless told. */
  readonly returnSpecialTokensMask?: boolean | undefined;
  /** False unless told. */
  readonly returnLength?: boolean | undefined;
}

/** Rows of one length each, [rows][length], unless padding was switched off (reference: section 2.4). */
export interface EncodedTexts {
  /** [rows][length] BERT ids before Bark's offset. */
  readonly inputIds: readonly Int32Array[];
  /** [rows][length], 1 where an id counts, 0 where it is padding. */
  readonly attentionMask?: readonly Uint8Array[];
  /** [rows][length], all 0: there is never a second text. */
  readonly tokenTypeIds?: readonly Uint8Array[];
  /** [rows][length], 1 for what the tokenizer added: `[CLS]`, `[SEP]` and padding. */
  readonly specialTokensMask?: readonly Uint8Array[];
  /** Length of every row, padding counted, [rows]. */
  readonly length?: Int32Array;
}

/** A text, several, or with `isSplitIntoWords` the words of one or of several (reference: section 2). */
export type TextInput = string | readonly string[] | readonly (readonly string[])[];

const flag = (usual: boolean) => z._default(z.boolean('must be true or false'), usual);
const side = z.optional(z.literal(['right', 'left'], 'must be "right" or "left"'));
const size = (message = `must be an integer in 1..${LENGTH_MAX}`) =>
  z.int(message).check(z.gte(1, message), z.lte(LENGTH_MAX, message));

/** Most texts of one call. */
const TEXTS_MAX = 65_536;

const optionsSchema = z.strictObject({
  maxLength: z._default(size(), MAX_SENTENCE_TOKENS),
  padding: z._default(
    z.literal(
      ['max_length', 'longest', 'do_not_pad'],
      'must be "max_length", "longest" or "do_not_pad"',
    ),
    'max_length',
  ),
  paddingSide: side,
  padToMultipleOf: z.optional(size()),
  truncation: flag(false),
  addSpecialTokens: flag(false),
  isSplitIntoWords: flag(false),
  returnAttentionMask: flag(true),
  returnTokenTypeIds: flag(false),
  returnSpecialTokensMask: flag(false),
  returnLength: flag(false),
});
type Settings = z.output<typeof optionsSchema>;

/** Encodes one text or several; throws ProcessorError that names the argument at fault. */
export function encodeTexts(
  tokenizer: TokenizerFiles,
  text: TextInput,
  options: EncodingOptions,
): EncodedTexts {
  const settings = checkedOptions(options);
  const rows = samplesOf(text, settings.isSplitIntoWords).map((words) =>
    encodeRow(tokenizer, words, settings),
  );
  const length = paddedLength(rows, settings);
  const fromLeft = (settings.paddingSide ?? tokenizer.paddingSide) === 'left';
  const padded = rows.map((ids) => pad(ids, length, tokenizer.pad, fromLeft));
  const { addSpecialTokens } = settings;
  return {
    inputIds: padded.map(({ ids }) => ids),
    ...(settings.returnAttentionMask && { attentionMask: padded.map(({ mask }) => mask) }),
    ...(settings.returnTokenTypeIds && {
      tokenTypeIds: padded.map(({ ids }) => new Uint8Array(ids.length)),
    }),
    ...(settings.returnSpecialTokensMask && {
      specialTokensMask: padded.map((row) => specialTokens(row, addSpecialTokens)),
    }),
    ...(settings.returnLength && { length: Int32Array.from(padded, ({ ids }) => ids.length) }),
  };
}

/** Each row as the engine takes it; without a mask all ids count, padding too. */
export function textTokensOf({ inputIds, attentionMask }: EncodedTexts): TextTokens[] {
  return inputIds.map((ids, row) => textTokens(ids, attentionMask?.[row]));
}

function checkedOptions(options: EncodingOptions): Settings {
  const result = z.safeParse(optionsSchema, fieldsOf(options));
  if (!result.success) {
    const faults = result.error.issues.map((issue) =>
      issue.code === 'unrecognized_keys'
        ? `${issue.keys.join(', ')}: there is no such option`
        : `${issue.path.join('.')} ${issue.message}`,
    );
    throw new ProcessorError(`The options of the processor: ${faults.join('; ')}.`, 'TypeError');
  }
  const { maxLength, truncation, padToMultipleOf, addSpecialTokens, padding } = result.data;
  if (truncation && addSpecialTokens && maxLength < 2) {
    throw new ProcessorError(
      'maxLength must be at least 2 where addSpecialTokens puts two tokens into a row that is cut.',
      null,
    );
  }
  if (truncation && padding !== 'do_not_pad' && maxLength % (padToMultipleOf ?? 1) !== 0) {
    throw new ProcessorError(
      `maxLength is ${maxLength}, which is no multiple of padToMultipleOf, ${padToMultipleOf}; with truncation it must be one.`,
      'ValueError',
    );
  }
  return result.data;
}

/** Every text as the words that are tokenized one by one: a plain text is one of them. */
function samplesOf(text: unknown, isSplitIntoWords: boolean): readonly (readonly string[])[] {
  if (typeof text === 'string' && !isSplitIntoWords) return [[text]];
  const list = reading('text', () => listOf(text));
  if (list.length === 0) {
    throw new ProcessorError('There is no text; give at least one.', 'IndexError');
  }
  if (isStrings(list)) return isSplitIntoWords ? [list] : list.map((one) => [one]);
  if (isSplitIntoWords && list.every(isStrings)) return list;
  throw new ProcessorError(
    isSplitIntoWords
      ? 'With isSplitIntoWords, text must be a list of words or a list of such lists.'
      : 'text must be a string or a list of strings (or words, with isSplitIntoWords).',
    'ValueError',
  );
}

/** The items, holes too, copied so that they are read once. */
function listOf(text: unknown): readonly unknown[] {
  if (!Array.isArray(text)) return [undefined];
  if (text.length > TEXTS_MAX) {
    throw new ProcessorError(
      `There are ${text.length} texts; give at most ${TEXTS_MAX} in one call.`,
      null,
    );
  }
  return Array.from(text, (item: unknown) => (Array.isArray(item) ? listOf(item) : item));
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function encodeRow(
  { wordPiece, cls, sep, truncationSide }: TokenizerFiles,
  words: readonly string[],
  { addSpecialTokens, truncation, maxLength }: Settings,
): Int32Array {
  const encoded = words.map((word) => wordPiece.encode(word));
  const length = encoded.reduce((sum, part) => sum + part.length, 0);
  const room = truncation ? maxLength - (addSpecialTokens ? 2 : 0) : length;
  const begin = truncationSide === 'left' ? Math.max(0, length - room) : 0;
  const all = new Int32Array(length);
  let at = 0;
  for (const part of encoded) {
    all.set(part, at);
    at += part.length;
  }
  const ids = all.subarray(begin, begin + room);
  if (!addSpecialTokens) return ids;
  const row = new Int32Array(ids.length + 2);
  row[0] = cls;
  row.set(ids, 1);
  row[ids.length + 1] = sep;
  return row;
}

/** What rows are padded to, null where they are left as they are. */
function paddedLength(
  rows: readonly Int32Array[],
  { padding, maxLength, padToMultipleOf = 1 }: Settings,
): number | null {
  if (padding === 'do_not_pad') return null;
  const longest = rows.reduce((most, { length }) => Math.max(most, length), 0);
  const wanted = padding === 'longest' ? longest : maxLength;
  const length = Math.ceil(wanted / padToMultipleOf) * padToMultipleOf;
  const isUneven = longest > length && rows.some((row) => row.length < longest);
  if (isUneven) {
    throw new ProcessorError(
      `A text has ${longest} ids, more than the ${length} of a row, and others have fewer; set truncation, split the text or raise maxLength.`,
      'ValueError',
    );
  }
  return length;
}

interface Padded {
  readonly ids: Int32Array;
  readonly mask: Uint8Array;
}

function pad(ids: Int32Array, length: number | null, padId: number, fromLeft: boolean): Padded {
  const missing = Math.max(0, (length ?? 0) - ids.length);
  const row = new Int32Array(ids.length + missing).fill(padId);
  const begin = fromLeft ? missing : 0;
  row.set(ids, begin);
  return { ids: row, mask: new Uint8Array(row.length).fill(1, begin, begin + ids.length) };
}

function specialTokens({ mask }: Padded, hasEnds: boolean): Uint8Array {
  const special = mask.map((counts) => 1 - counts);
  if (hasEnds) {
    special[mask.indexOf(1)] = 1;
    special[mask.lastIndexOf(1)] = 1;
  }
  return special;
}
