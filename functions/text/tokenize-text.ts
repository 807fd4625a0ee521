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

/** At least one sentence, none empty; `invalid_request` when the text holds nothing that can be spoken. */
export function tokenizeText(text: string, options: TokenizeOptions): readonly Int32Array[] {
  const { tokenizer, maxTokens, language } = options;
  const sentences = splitSentences(text, language === null ? {} : { language });
  const tokens = fitSentences(
    sentences,
    (sentence) => tokenizer.encode(sentence).length,
    maxTokens,
  ).map((sentence) => tokenizer.encode(sentence));
  const spoken = tokens.filter((ids) => ids.length > 0);
  if (spoken.length === 0) {
    throw new SpeechFault('invalid_request', 'input holds nothing that can be spoken.', {
      param: 'input',
    });
  }
  return spoken;
}
