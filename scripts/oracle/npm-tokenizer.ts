/**
 * The third opinion: Hugging Face's tokenizers in JavaScript, and where it is known to differ from
 * the ones in Python. Python is what Bark was trained with, so Python wins.
 */
import { Tokenizer } from '@huggingface/tokenizers';
import { CHAR_CLASS, type CharClass, charClass } from '#shared/text/char-classes.ts';

const SPECIAL_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const SPECIAL_PATTERN = /\[(?:PAD|UNK|CLS|SEP|MASK)\]/gu;

/** What it does otherwise. */
export const RULES = {
  ideograph: 'an ideograph beyond U+FFFF is not a word of its own',
  punctuation: 'punctuation is that of a newer Unicode',
  dropped: 'control and format characters are those of a newer Unicode',
  cleaned: 'a special token counts that is one only after cleaning',
} as const;
export type Rule = keyof typeof RULES;

export type Encode = (text: string) => readonly number[];

/** The fast BERT tokenizer, cased, over these pieces, without `[CLS]` and `[SEP]`. */
export function npmTokenizer(pieces: readonly string[]): Encode {
  const tokenizer = new Tokenizer(
    {
      version: '1.0',
      added_tokens: SPECIAL_TOKENS.map((content) => ({
        id: pieces.indexOf(content),
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: false,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: null,
      decoder: null,
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
      },
    },
    {},
  );
  return (text) => tokenizer.encode(text, { add_special_tokens: false }).ids;
}

/** The text with all that the rules are about replaced by spaces, and the rules that it was about. */
export function withoutKnownDifferences(text: string): { text: string; rules: readonly Rule[] } {
  const rules = new Set<Rule>();
  const alike = Array.from(text, (character) => {
    const rule = ruleOf(character);
    if (rule === null) return character;
    rules.add(rule);
    return ' ';
  });
  const cleaned = alike.filter((character) => classOf(character) !== CHAR_CLASS.drop).join('');
  if (countSpecials(cleaned) !== countSpecials(alike.join(''))) {
    rules.add('cleaned');
    const spaced = alike.map((character) =>
      classOf(character) === CHAR_CLASS.drop ? ' ' : character,
    );
    return { text: spaced.join(''), rules: [...rules] };
  }
  return { text: alike.join(''), rules: [...rules] };
}

function ruleOf(character: string): Rule | null {
  const ours = classOf(character);
  const theirs = theirClassOf(character);
  if (ours === theirs) return null;
  if (ours === CHAR_CLASS.cjk) return 'ideograph';
  return ours === CHAR_CLASS.drop || theirs === CHAR_CLASS.drop ? 'dropped' : 'punctuation';
}

/** By the properties that it asks for, in its order. */
function theirClassOf(character: string): CharClass {
  if (/^[\t\n\r]$/u.test(character)) return CHAR_CLASS.space;
  if (/^[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]$/u.test(character)) return CHAR_CLASS.drop;
  if (/^\s$/u.test(character)) return CHAR_CLASS.space;
  if (/^[\p{P}!-/:-@[-`{-~]$/u.test(character)) return CHAR_CLASS.punctuation;
  // it looks at halves of a surrogate pair
  if (character.length === 1 && classOf(character) === CHAR_CLASS.cjk) return CHAR_CLASS.cjk;
  return CHAR_CLASS.letter;
}

function classOf(character: string): CharClass {
  return charClass(character.codePointAt(0) ?? 0);
}

function countSpecials(text: string): number {
  return text.match(SPECIAL_PATTERN)?.length ?? 0;
}
