/** Numbers as a language writes them, into its words. */
import type { SpokenLanguage } from './spoken-language.ts';

/** Longer ones have no name that a listener would follow, and are read digit by digit. */
const MAX_NAMED_DIGITS = 15;

/** A number as written: `-1,234.50`, without its sign. */
export interface Numeral {
  /** Digits alone. */
  readonly whole: string;
  /** Digits after the decimal mark; empty without one. */
  readonly decimals: string;
}

/** A regular expression of the numbers that a language writes, without sign or groups. */
export function numeralPattern(language: SpokenLanguage): string {
  const { decimalMark, groupMarks, hasLakhs = false } = language;
  const group = `[${groupMarks}]\\d{${hasLakhs ? '2,3' : '3'}}`;
  return `(?:\\d{1,3}(?:${group})+(?!\\d)|\\d+)(?:[${decimalMark}]\\d+)?`;
}

/** Reads what `numeralPattern` has found. */
export function readNumeral(written: string, { decimalMark }: SpokenLanguage): Numeral {
  const [whole = '', decimals = ''] = written.split(decimalMark);
  return { whole: whole.replaceAll(/\D/gu, ''), decimals };
}

/** `noun`: what is counted, where the number must agree with it. */
export function sayNumeral(
  { whole, decimals }: Numeral,
  language: SpokenLanguage,
  noun?: string,
): string {
  if (decimals !== '') {
    return joined(language, [
      sayWhole(whole, language),
      language.words.point,
      sayDecimals(decimals, language),
    ]);
  }
  return noun === undefined ? sayWhole(whole, language) : sayCounted(whole, language, noun);
}

/** A whole number by its name, or digit by digit where it is too long or begins with 0. */
export function sayWhole(digits: string, language: SpokenLanguage): string {
  return isNamed(digits) ? language.cardinal(digits) : sayDigits(digits, language);
}

/** Each digit by itself. */
export function sayDigits(digits: string, language: SpokenLanguage): string {
  return joined(
    language,
    Array.from(digits, (digit) => language.cardinal(digit)),
  );
}

/** A number of the same grammatical number, finite however many digits there are. */
export function pluralValue({ whole, decimals }: Numeral): number {
  return Number(`${whole.slice(-MAX_NAMED_DIGITS)}.${decimals.slice(0, 20) || '0'}`);
}

/** Words with what stands between words in this language. */
export function joined({ space }: SpokenLanguage, words: readonly string[]): string {
  return words.filter((word) => word !== '').join(space);
}

function sayCounted(digits: string, language: SpokenLanguage, noun: string): string {
  if (!isNamed(digits) || language.counted === undefined) return sayWhole(digits, language);
  return language.counted(digits, noun);
}

function sayDecimals(decimals: string, language: SpokenLanguage): string {
  const isWhole = language.readsDecimalsWhole === true && /^0?[1-9]\d?$/u.test(decimals);
  if (!isWhole) return sayDigits(decimals, language);
  const zeros = decimals.startsWith('0') ? [language.cardinal('0')] : [];
  return joined(language, [...zeros, language.cardinal(decimals.replace(/^0/u, ''))]);
}

function isNamed(digits: string): boolean {
  return digits.length <= MAX_NAMED_DIGITS && (digits.length === 1 || !digits.startsWith('0'));
}
