/**
 * Multilingual WordPiece as Hugging Face's fast BERT tokenizer does it, cased, without [CLS] and
 * [SEP] around the text and without Unicode normalisation: cut out special tokens, clean, split into
 * words, then match each word greedily against the vocabulary.
 */
import { CHAR_CLASS, charClass } from './char-classes.ts';

/** Longer words are one [UNK], in code points (`max_input_chars_per_word`). */
const MAX_WORD_CODE_POINTS = 100;

const SPECIAL_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;
type SpecialToken = (typeof SPECIAL_TOKENS)[number];

/** What marks a piece that continues a word. */
const CONTINUATION = '##';

/** Turns a text into ids of the vocabulary it was made from; holds no state between texts. */
export class WordPiece {
  /** Entries of the vocabulary: every id is below it. */
  readonly size: number;
  readonly #beginnings: PieceTable;
  readonly #continuations: PieceTable;
  readonly #specials: ReadonlyMap<string, number>;
  readonly #unknown: number;

  private constructor(
    size: number,
    beginnings: PieceTable,
    continuations: PieceTable,
    specials: ReadonlyMap<SpecialToken, number>,
  ) {
    this.size = size;
    this.#beginnings = beginnings;
    this.#continuations = continuations;
    this.#specials = specials;
    this.#unknown = idOf(specials, '[UNK]');
  }

  /** Reads a `vocab.txt`: one piece a line, its id the line's number from 0. */
  static fromVocabulary(vocabTxt: string): WordPiece {
    const beginnings = new PieceTable();
    const continuations = new PieceTable();
    const lines = vocabTxt.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const [id, line] of lines.entries()) {
      const piece = line.endsWith('\r') ? line.slice(0, -1) : line;
      if (piece.startsWith(CONTINUATION)) continuations.add(piece.slice(CONTINUATION.length), id);
      else beginnings.add(piece, id);
    }
    const specials = new Map(SPECIAL_TOKENS.map((token) => [token, idOf(beginnings.ids, token)]));
    return new WordPiece(lines.length, beginnings, continuations, specials);
  }

  /** BERT ids of a text before Bark's offset, [tokens], 0..size - 1; neither padded nor cut. */
  encode(text: string): Int32Array<ArrayBuffer> {
    const ids: number[] = [];
    // the group keeps the special tokens in what split returns
    for (const [i, part] of text.split(/(\[(?:PAD|UNK|CLS|SEP|MASK)\])/).entries()) {
      if (i % 2 === 1) ids.push(idOf(this.#specials, part));
      else this.#encodePlain(part, ids);
    }
    return Int32Array.from(ids);
  }

  #encodePlain(text: string, ids: number[]): void {
    let word = '';
    let codePoints = 0;
    const endWord = (): void => {
      if (codePoints > MAX_WORD_CODE_POINTS) ids.push(this.#unknown);
      else if (codePoints > 0) this.#encodeWord(word, ids);
      word = '';
      codePoints = 0;
    };
    for (const character of text) {
      switch (charClass(character.codePointAt(0) ?? 0)) {
        case CHAR_CLASS.letter:
          codePoints += 1;
          // what a too long word says does not matter: do not hold it
          if (codePoints <= MAX_WORD_CODE_POINTS) word += character;
          break;
        case CHAR_CLASS.drop:
          break;
        case CHAR_CLASS.space:
          endWord();
          break;
        case CHAR_CLASS.cjk:
        case CHAR_CLASS.punctuation:
          endWord();
          this.#encodeWord(character, ids);
          break;
      }
    }
    endWord();
  }

  /** Greedy longest match; a word with a hole anywhere is one [UNK]. */
  #encodeWord(word: string, ids: number[]): void {
    const before = ids.length;
    let at = 0;
    while (at < word.length) {
      const table = at === 0 ? this.#beginnings : this.#continuations;
      const length = table.matchAt(word, at, ids);
      if (length === 0) {
        ids.length = before;
        ids.push(this.#unknown);
        return;
      }
      at += length;
    }
  }
}

/** Pieces and their ids; knows its longest piece, so that a match costs no more than that. */
class PieceTable {
  readonly ids = new Map<string, number>();
  #longest = 0;

  /** A piece that comes twice has its last id, as in the reference. */
  add(piece: string, id: number): void {
    this.ids.set(piece, id);
    this.#longest = Math.max(this.#longest, piece.length);
  }

  /** Appends the id of the longest piece that the word has at this offset; its length in code units, 0 for none. */
  matchAt(word: string, at: number, ids: number[]): number {
    // an end between two surrogates is tried in vain: no piece has half a character
    for (let end = Math.min(word.length, at + this.#longest); end > at; end -= 1) {
      const id = this.ids.get(word.slice(at, end));
      if (id !== undefined) {
        ids.push(id);
        return end - at;
      }
    }
    return 0;
  }
}

function idOf(ids: ReadonlyMap<string, number>, token: string): number {
  const id = ids.get(token);
  if (id === undefined) {
    throw new RangeError(
      `The vocabulary lacks ${token}; use the vocab.txt of the checkpoint, one piece a line, with ${SPECIAL_TOKENS.join(' ')}.`,
    );
  }
  return id;
}
