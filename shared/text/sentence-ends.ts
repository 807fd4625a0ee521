/**
 * Decides whether a sentence really ends where Unicode's rules (UAX #29) let one end. They know
 * neither abbreviations, ordinals and initials nor hard-wrapped lines. In doubt the sentence goes on:
 * a wrong cut is heard as a pause in mid-sentence, a missing one hardly at all.
 */
import { abbreviationKind, isStarter } from './abbreviations.ts';

/** How far left and right a decision looks, in code units: bounds its cost. */
const CONTEXT = 80;

/** A line that ends without a full stop after fewer characters ends on purpose: a title, a verse, an item. */
const WRAPPED_LINE_MIN = 40;

/** Languages that write an ordinal with a full stop and a capital after it: "am 3. Oktober". */
const ORDINAL_LANGUAGES: ReadonlySet<string> = new Set(['de', 'tr']);

/** What follows a German or Turkish ordinal whatever the language is said to be. */
const AFTER_ORDINAL =
  /^(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Jahrhundert|Weltkrieg|Platz|Klasse|Stock|Kapitel|Geburtstag|Dünya|Yüzyıl)/u;

const STOP = String.raw`\p{Sentence_Terminal}…`;
const CLOSER = String.raw`"'‘’“”«»‹›)\]}」』】）》〉〕］｝＂＇♪♫`;
/** Stops and closing marks at the end of what has been said. */
const TAIL = new RegExp(`[${STOP}${CLOSER}]*$`, 'u');
const NOT_STOP = new RegExp(`[^${STOP}]`, 'gu');
const ANY_CLOSER = new RegExp(`[${CLOSER}]`, 'u');

/** A French closing mark stands off: "vrai ? » dit-il". */
const SPACED_CLOSER = /\s+(?=»$)/u;
const NEXT_CLOSES = /^[’”»›)\]}」』】）》](?:[\s\p{P}]|$)/u;

const LIST_ITEM = /^[-–*•·]\s/u;

/** Opening marks before the first word of what comes. */
const OPENERS = String.raw`["'‘“„«‹(\[{¿¡「『【（《〈♪♫—–\-\s]*`;
const NEXT_LOWER_CASE = new RegExp(`^${OPENERS}\\p{Ll}`, 'u');
const NEXT_WORD = new RegExp(`^${OPENERS}([\\p{L}\\p{M}]+(?:['’]\\p{L}+)?)(\\.?)`, 'u');
const NEXT_DIGIT = new RegExp(`^${OPENERS}\\p{Nd}`, 'u');
const UNSPACED_SCRIPT = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}「『“《（]/u;
/** Japanese goes on after a quotation with one of these: "said". */
const QUOTATIVE = /^(?:と|って|など|なん)/u;

/** The word before a full stop, inner stops and hyphens included. */
const LAST_WORD = /[\p{L}\p{M}\p{N}.\-'’°º]*$/u;
/** Short parts with stops: `z. B`, `т.е`, `U.S`, `p. ej`; an abbreviation if it is known or all single letters. */
const PARTS_WITH_STOPS = /(?<![\p{L}\p{M}\p{N}])(?:\p{L}{1,2}\.\s?){1,4}\p{L}{1,3}$/u;
const LETTERS_WITH_STOPS = /(?<![\p{L}\p{M}\p{N}])(?:\p{L}\.\s?){1,4}\p{L}$/u;
const CASED_LETTER = /^(?:\p{Lu}|\p{Ll})$/u;

/**
 * Whether a sentence ends at this position of the text, in code units; the white space around it
 * belongs to neither side. `language` is a primary subtag such as `de`.
 */
export function isSentenceEnd(text: string, at: number, language: string | undefined): boolean {
  const end = skipSpaceBack(text, at);
  const next = skipSpace(text, at);
  if (end === 0 || next === text.length) return true;
  const gap = text.slice(end, next);
  const lineEnds = gap.match(/\r\n|[\n\r\u0085\u2028]/g)?.length ?? 0;
  if (lineEnds > 1 || gap.includes('\u2029')) return true;

  const before = text.slice(Math.max(0, end - CONTEXT), end).replace(SPACED_CLOSER, '');
  const after = text.slice(next, next + CONTEXT);
  const tail = TAIL.exec(before)?.[0] ?? '';
  const stops = tail.replaceAll(NOT_STOP, '');
  if (stops === '') return lineEnds > 0 && endsLine(before, after);
  if (NEXT_CLOSES.test(after)) return false;
  const isQuoted = ANY_CLOSER.test(tail);
  if (isQuoted && (NEXT_LOWER_CASE.test(after) || QUOTATIVE.test(after))) return false;
  if (/[^.…．]/u.test(stops)) return gap !== '' || endsUnspaced(stops, after);
  if (gap === '' || NEXT_LOWER_CASE.test(after)) return false;
  if (stops.length > 1 || stops === '…') return endsEllipsis(after);
  if (isQuoted) return true;
  const said = before.slice(0, before.length - tail.length);
  return endsAtFullStop(said, after, end - tail.length <= CONTEXT, language);
}

/** A line without a stop: short ones end on purpose, others are wrapped. */
function endsLine(before: string, after: string): boolean {
  if (LIST_ITEM.test(after)) return true;
  if (NEXT_LOWER_CASE.test(after) || /[,;:、，；：\-–—]$/u.test(before)) return false;
  const line = before.slice(Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1);
  return line.trim().length < WRAPPED_LINE_MIN;
}

/** Without white space only a stop that needs none ends a sentence; a "?" may be part of an address. */
function endsUnspaced(stops: string, after: string): boolean {
  return /[^.…．!?]$/u.test(stops) || UNSPACED_SCRIPT.test(after);
}

/** Hesitation goes on; "I" is a capital anywhere. */
function endsEllipsis(after: string): boolean {
  const [, word] = NEXT_WORD.exec(after) ?? [];
  return word !== undefined && !/^I(?:['’]|$)/u.test(word);
}

function endsAtFullStop(
  said: string,
  after: string,
  isTextBegin: boolean,
  language: string | undefined,
): boolean {
  const letters = matchUnspaced(LETTERS_WITH_STOPS, said);
  const parts = matchUnspaced(PARTS_WITH_STOPS, said) ?? '';
  const isKnown = abbreviationKind(parts, language) !== null;
  const word = isKnown ? parts : (letters ?? LAST_WORD.exec(said)?.[0] ?? '');
  if (/^\p{Nd}+$/u.test(word)) {
    return endsAtNumber(word, said.slice(0, -word.length), after, isTextBegin, language);
  }
  switch (abbreviationKind(word, language)) {
    case 'joins':
      return false;
    case 'ends':
      return true;
    case 'either':
      return beginsSentence(after, language);
    case 'counts':
      return !NEXT_DIGIT.test(after);
    case null:
      break;
  }
  const isUncertain =
    letters !== undefined || CASED_LETTER.test(word) || isOrdinal(word, after, language);
  return !isUncertain || beginsSentence(after, language);
}

/** A number with a full stop: an item of a list, an ordinal, or the end. */
function endsAtNumber(
  digits: string,
  said: string,
  after: string,
  isTextBegin: boolean,
  language: string | undefined,
): boolean {
  const isLineBegin = /[\n\r]\s*$/u.test(said) || (isTextBegin && said.trim() === '');
  if (isLineBegin && digits.length <= 3) return false;
  return !isOrdinal(digits, after, language) || beginsSentence(after, language);
}

/** Numbers up to 99, dates such as `3.10` and Roman numerals where ordinals are written with a full stop. */
function isOrdinal(word: string, after: string, language: string | undefined): boolean {
  if (!/^(?:\p{Nd}{1,2}(?:\.\p{Nd}{1,2})?|[IVXLC]+)$/u.test(word)) return false;
  return (language !== undefined && ORDINAL_LANGUAGES.has(language)) || AFTER_ORDINAL.test(after);
}

function beginsSentence(after: string, language: string | undefined): boolean {
  const [, word, stop] = NEXT_WORD.exec(after) ?? [];
  // with a stop of its own it is one more initial
  return word !== undefined && stop === '' && isStarter(word, language);
}

function matchUnspaced(pattern: RegExp, text: string): string | undefined {
  return pattern.exec(text)?.[0].replaceAll(/\s/gu, '');
}

function skipSpaceBack(text: string, at: number): number {
  let end = at;
  while (end > 0 && /\s/u.test(text.charAt(end - 1))) end -= 1;
  return end;
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (next < text.length && /\s/u.test(text.charAt(next))) next += 1;
  return next;
}
