/** Texts into sentences, for whoever wants to see or speak them by themselves. */
import { splitSentences as split, type SplitOptions } from '#shared/text/sentences.ts';
import { assertFields, described, fieldsOf } from './arguments.ts';
import { BarkError } from './bark-error.ts';

/**
 * Splits a text into trimmed sentences, none empty; short ones are joined to a neighbour. Nothing but white space at
 * the cuts is left out. Throws BarkError for what is no text. Reference: section 7.7.
 */
export function splitSentences(text: string, options: SplitOptions = {}): string[] {
  assertText(text);
  const given = fieldsOf('options', options);
  assertFields('splitSentences', given, ['language']);
  assertLanguage(given.language);
  return split(text, given);
}

/** Throws BarkError for what is no text. */
export function assertText(text: unknown): void {
  if (typeof text === 'string') return;
  throw new BarkError(`text must be a string; it is ${described(text)}.`, 'TypeError');
}

/** Throws BarkError for what is no tag of a language. */
export function assertLanguage(language: unknown): void {
  if (language === undefined) return;
  if (typeof language === 'string' && /^[a-z]{2,8}(?:[-_][a-z0-9]{1,8})*$/i.test(language)) return;
  throw new BarkError('language must be a BCP 47 tag such as "en" or "pt-BR".', 'ValueError');
}
