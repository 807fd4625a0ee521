/**
 * The tokenizer of a checkpoint folder: its vocabulary, and the settings of which only those of
 * Bark's own tokenizer (BERT, multilingual, cased) are computed here; others are refused by name.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WordPiece } from '#shared/text/word-piece.ts';
import { z } from 'zod/mini';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { checkFields, fields, integer, only } from '../checkpoint/fields.ts';
import { readJsonIfPresent } from '../checkpoint/json-file.ts';
import { realPathInside } from './inside-folder.ts';

const VOCABULARY = 'vocab.txt';
const TOKENIZER = 'tokenizer.json';
const CONFIG = 'tokenizer_config.json';
const SPECIALS = 'special_tokens_map.json';

/** The hub's has 119 547 pieces. */
const PIECES_MAX = 1_048_576;

/** The hub's `tokenizer.json`, the largest, has 3 MB. */
const FILE_MAX_BYTES = 16 * 1024 * 1024;

const NAMES = { cls: '[CLS]', sep: '[SEP]', pad: '[PAD]', unk: '[UNK]', mask: '[MASK]' } as const;
const SPECIAL_TOKENS: readonly string[] = Object.values(NAMES);

/** Where a row is padded or cut (reference: section 2.4). */
export type Side = 'right' | 'left';

/** A tokenizer and the files that it can be made from again. */
export interface TokenizerFiles {
  readonly wordPiece: WordPiece;
  /** Ids of `[CLS]`, `[SEP]` and `[PAD]`. */
  readonly cls: number;
  readonly sep: number;
  readonly pad: number;
  readonly paddingSide: Side;
  readonly truncationSide: Side;
  /** By name: what `savePretrained` writes. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Reads the tokenizer of `folder`; throws CheckpointError naming the file that is absent or asks for another one. */
export async function readTokenizer(folder: string): Promise<TokenizerFiles> {
  const json = await readOptional(folder, TOKENIZER);
  const vocabulary = await readOptional(folder, VOCABULARY);
  // as in the reference: where both are there, tokenizer.json is the one that counts
  const vocabTxt =
    json === null ? vocabulary?.toString('utf8') : await vocabularyOf(join(folder, TOKENIZER));
  if (vocabTxt === undefined) {
    throw new CheckpointError(
      `${join(folder, VOCABULARY)} does not exist, nor does ${TOKENIZER}; copy one of them from the hub repository of the checkpoint (Bark uses the vocabulary of bert-base-multilingual-cased).`,
    );
  }
  const wordPiece = readVocabulary(vocabTxt, join(folder, json === null ? VOCABULARY : TOKENIZER));
  const { config, paddingSide, truncationSide } = await readConfig(folder);
  const specials = await readOptional(folder, SPECIALS);
  const idOf = (token: string): number => wordPiece.encode(token)[0] ?? 0;
  const files = new Map<string, Uint8Array>([
    [VOCABULARY, json === null && vocabulary !== null ? vocabulary : Buffer.from(vocabTxt)],
    [CONFIG, jsonFile({ ...config, processor_class: 'BarkProcessor' })],
    [SPECIALS, specials ?? jsonFile(tokenNames())],
  ]);
  if (json !== null) files.set(TOKENIZER, json);
  return {
    wordPiece,
    cls: idOf(NAMES.cls),
    sep: idOf(NAMES.sep),
    pad: idOf(NAMES.pad),
    paddingSide,
    truncationSide,
    files,
  };
}

/** An object as the bytes of a JSON file. */
export function jsonFile(value: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

async function readOptional(folder: string, name: string): Promise<Buffer | null> {
  const real = await realPathInside(folder, name);
  if (real === null) return null;
  try {
    const file = await stat(real);
    // a pipe would be waited for, a device never ends
    if (!file.isFile()) {
      throw new CheckpointError(
        `${join(folder, name)} is no regular file; a checkpoint folder holds files.`,
      );
    }
    if (file.size > FILE_MAX_BYTES) {
      throw new CheckpointError(
        `${join(folder, name)} has ${file.size} bytes; a file of a tokenizer has at most ${FILE_MAX_BYTES}.`,
      );
    }
    return await readFile(real);
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw new CheckpointError(
      `${join(folder, name)} could not be read; check that it is a readable file.`,
      error,
    );
  }
}

function readVocabulary(vocabTxt: string, path: string): WordPiece {
  try {
    return WordPiece.fromVocabulary(vocabTxt);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CheckpointError(`${path}: ${error.message}`, error);
  }
}

const addedToken = fields({
  content: z
    .string('must be a string')
    .check(
      z.refine(
        (content) => SPECIAL_TOKENS.includes(content),
        `must be one of ${SPECIAL_TOKENS.join(' ')}: no other token can be added`,
      ),
    ),
});

const bertOnly = 'this tokenizer is the multilingual cased one that Bark was trained with';

const tokenizerSchema = fields({
  added_tokens: z.optional(z.array(addedToken)),
  normalizer: z.optional(
    fields({
      type: only('BertNormalizer', bertOnly),
      clean_text: only(true, bertOnly),
      handle_chinese_chars: only(true, bertOnly),
    }),
  ),
  pre_tokenizer: z.optional(fields({ type: only('BertPreTokenizer', bertOnly) })),
  model: fields({
    type: only('WordPiece', bertOnly),
    unk_token: only('[UNK]', bertOnly),
    continuing_subword_prefix: only('##', bertOnly),
    max_input_chars_per_word: only(100, bertOnly),
    vocab: z.record(z.string(), integer(0, PIECES_MAX - 1), 'must map pieces to ids'),
  }),
});

/** The pieces of a `tokenizer.json` as the lines of a `vocab.txt`; ids that it leaves out are empty lines. */
async function vocabularyOf(path: string): Promise<string> {
  const { model } = checkFields(tokenizerSchema, await readJsonIfPresent(path), path);
  const lines: string[] = [];
  for (const [piece, id] of Object.entries(model.vocab)) {
    if (lines[id] !== undefined) {
      throw new CheckpointError(`${path}: two pieces have the id ${id}; download it again.`);
    }
    if (/\n|\r$/u.test(piece)) {
      throw new CheckpointError(
        `${path}: the piece with the id ${id} has a line end; no text can contain it.`,
      );
    }
    lines[id] = piece;
  }
  return Array.from(lines, (line) => `${line ?? ''}\n`).join('');
}

const side = z._default(z.literal(['right', 'left'], 'must be "right" or "left"'), 'right');

const tokenName = (name: string) =>
  z.optional(
    z.union(
      [z.literal(name), z.object({ content: z.literal(name) })],
      `is supported only as ${name}; ${bertOnly}`,
    ),
  );

const configSchema = fields({
  // left out, it means true to the reference
  do_lower_case: z.literal(false, `must be false; ${bertOnly}`),
  strip_accents: z.optional(
    z.literal([null, false], `is supported only as null or false; ${bertOnly}`),
  ),
  tokenize_chinese_chars: only(true, bertOnly),
  cls_token: tokenName(NAMES.cls),
  sep_token: tokenName(NAMES.sep),
  pad_token: tokenName(NAMES.pad),
  unk_token: tokenName(NAMES.unk),
  mask_token: tokenName(NAMES.mask),
  added_tokens_decoder: z.optional(z.record(z.string(), addedToken)),
  padding_side: side,
  truncation_side: side,
});

async function readConfig(
  folder: string,
): Promise<{ config: object; paddingSide: Side; truncationSide: Side }> {
  const real = await realPathInside(folder, CONFIG);
  // a folder without it, as Suno's own: the settings of the published one
  const config = real === null ? publishedConfig() : await readJsonIfPresent(real);
  const { padding_side, truncation_side } = checkFields(configSchema, config, join(folder, CONFIG));
  return {
    config: { ...Object(config) },
    paddingSide: padding_side,
    truncationSide: truncation_side,
  };
}

function tokenNames(): Record<string, string> {
  return Object.fromEntries(Object.entries(NAMES).map(([key, token]) => [`${key}_token`, token]));
}

function publishedConfig(): object {
  return {
    ...tokenNames(),
    do_lower_case: false,
    model_max_length: 512,
    strip_accents: null,
    tokenize_chinese_chars: true,
    tokenizer_class: 'BertTokenizer',
  };
}
