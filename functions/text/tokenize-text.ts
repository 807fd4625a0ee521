/** A text into the sentences of one speech, each in tokens. */
import { SpeechFault } from '#shared/errors.ts';
import {
  normalizeText,
  type NormalizationMode,
  type NormalizedText,
} from '#shared/text/normalize/normalize-text.ts';
import { fitSentences, splitSentences } from '#shared/text/sentences.ts';
import { PLAIN_MANNER, type Manner } from './instructions.ts';

/** What the split needs of a tokenizer. */
interface Tokenizer {
  encode(text: string): Int32Array;
}

interface TokenizeOptions {
  readonly tokenizer: Tokenizer;
  /** Most tokens of one sentence. */
  readonly maxTokens: number;
  /** ISO 639-1 code of the voice, where it is known. */
  readonly language: string | null;
  /** Whether what is written is spoken as it is read: numbers in words, markup left out. */
  readonly normalization: NormalizationMode;
  readonly manner?: Manner;
}

/** One sentence, and where it stands in the text as it was given: from `start`, before `end`, in code units. */
export interface TokenizedSentence {
  readonly ids: Int32Array;
  readonly start: number;
  readonly end: number;
}

/** At least one sentence, none empty; `invalid_request` when the text holds nothing that can be spoken. */
export function tokenizeText(text: string, options: TokenizeOptions): readonly TokenizedSentence[] {
  const { tokenizer, maxTokens, language, normalization, manner = PLAIN_MANNER } = options;
  const normalized = normalizeText(text, { language, mode: normalization });
  const sentences = splitSentences(normalized.text, language === null ? {} : { language });
  // any sentence may become the first one
  const countTokens = (sentence: string): number =>
    tokenizer.encode(inManner(sentence, manner, true)).length;
  let end = 0;
  const tokenized = fitSentences(sentences, countTokens, maxTokens).map((sentence, i) => {
    // nothing but white space is lost between two sentences
    const start = normalized.text.indexOf(sentence, end);
    end = start + sentence.length;
    const ids = tokenizer.encode(sentence);
    const isSilent = ids.length === 0;
    const said = isSilent ? ids : tokenizer.encode(inManner(sentence, manner, i === 0));
    return { ids: said, start, end };
  });
  const spoken = tokenized.filter(({ ids }) => ids.length > 0);
  if (spoken.length === 0) {
    throw new SpeechFault('invalid_request', 'input holds nothing that can be spoken.', {
      param: 'input',
    });
  }
  return placesInOriginal(text, normalized, spoken);
}

function inManner(sentence: string, { cue, isSung }: Manner, isFirst: boolean): string {
  const words = isSung && !sentence.includes('♪') ? `♪ ${sentence} ♪` : sentence;
  return isFirst && cue !== null ? `${cue} ${words}` : words;
}

/** Every sentence with its part of the text as given; what is not spoken belongs to a neighbour. */
function placesInOriginal(
  text: string,
  normalized: NormalizedText,
  sentences: readonly TokenizedSentence[],
): readonly TokenizedSentence[] {
  const begins = sentences.map(({ start }, i) => {
    const before = sentences[i - 1];
    if (before === undefined) return 0;
    const gapStart = normalized.toOriginal(before.end, 'left');
    return gapStart + cutInGap(text.slice(gapStart, normalized.toOriginal(start, 'right')));
  });
  return sentences.map(({ ids }, i) => {
    const begin = begins[i] ?? 0;
    const part = text.slice(begin, begins[i + 1] ?? text.length);
    const start = begin + part.length - part.trimStart().length;
    return { ids, start, end: Math.max(start, begin + part.trimEnd().length) };
  });
}

/** Where a gap between sentences is cut: marks that open a line, else a word, belong to what follows. */
function cutInGap(gap: string): number {
  const line = gap.lastIndexOf('\n') + 1;
  if (line > 0) return line;
  return gap.trimEnd() === gap ? gap.search(/\S*$/u) : gap.length;
}
