/** A text into the sentences of one speech, each in tokens. */
import { SpeechFault } from '#shared/errors.ts';
import { fitSentences, splitSentences } from '#shared/text/sentences.ts';

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
}

/** One sentence, and where it stands in the text as it was given: from `start`, before `end`, in code units. */
export interface TokenizedSentence {
  readonly ids: Int32Array;
  readonly start: number;
  readonly end: number;
}

/** At least one sentence, none empty; `invalid_request` when the text holds nothing that can be spoken. */
export function tokenizeText(text: string, options: TokenizeOptions): readonly TokenizedSentence[] {
  const { tokenizer, maxTokens, language } = options;
  const sentences = splitSentences(text, language === null ? {} : { language });
  const countTokens = (sentence: string): number => tokenizer.encode(sentence).length;
  let end = 0;
  const tokenized = fitSentences(sentences, countTokens, maxTokens).map((sentence) => {
    // nothing but white space is lost between two sentences
    const start = text.indexOf(sentence, end);
    end = start + sentence.length;
    return { ids: tokenizer.encode(sentence), start, end };
  });
  const spoken = tokenized.filter(({ ids }) => ids.length > 0);
  if (spoken.length === 0) {
    throw new SpeechFault('invalid_request', 'input holds nothing that can be spoken.', {
      param: 'input',
    });
  }
  return spoken;
}
