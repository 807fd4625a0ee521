/** What a language must say of itself for numbers, dates, times, amounts and addresses to be read in it. */
import type { Rule } from './mapped-text.ts';

/** A day of the Gregorian calendar; months and days from 1. */
export interface SpokenDate {
  readonly day: number;
  readonly month: number;
  /** As written, four digits; without one the day of any year. */
  readonly year?: string;
  /** The text before it, for what depends on a preposition. */
  readonly before: string;
}

/** A time of day, 0..23 or, with `am` or `pm` after it, 1..12. */
export interface SpokenTime {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Whether `am` or `pm` follows. */
  readonly isHalfDay: boolean;
  /** The text before it, for what depends on a preposition. */
  readonly before: string;
}

/** Words for signs. */
export interface SignWords {
  /** Between a whole number and its decimals. */
  readonly point: string;
  readonly minus: string;
  readonly plus: string;
  readonly times: string;
  readonly over: string;
  readonly equals: string;
  readonly less: string;
  readonly more: string;
  readonly about: string;
  /** Between the ends of a range. */
  readonly to: string;
  readonly and: string;
  /** Between an amount and what it is for: `$20/month`. */
  readonly per?: string;
  /** Between the numbers of a ratio or score: `3:1`. */
  readonly ratio?: string;
  /** Before a number: `No. 5`. */
  readonly number: string;
  /** In addresses. */
  readonly at: string;
  readonly dot: string;
  readonly slash: string;
  readonly dash: string;
}

/** Names of a currency and of its hundredth; forms in the order of the plural categories that the language has. */
export type MoneyNames = readonly [unit: string, hundredth?: string];

export interface SpokenLanguage {
  /** BCP 47 tag for names of units, months and currencies, which come from CLDR. */
  readonly locale: string;
  /** Between words; empty where they are written together. */
  readonly space: ' ' | '';
  /** 0..999 999 999 999 999, as digits. */
  cardinal(digits: string): string;
  /** From 1; `mark` is what made it one (`ª`), for what depends on gender or case. */
  ordinal(digits: string, mark: string): string;
  /** A number before the word of what is counted, where it must agree with it. */
  counted?(digits: string, noun: string): string;
  /** Four digits as a year; the cardinal where it is left out. */
  year?(digits: string): string;
  readonly decimalMark: '.' | ',';
  /** Between groups of three digits, as members of a character class. */
  readonly groupMarks: string;
  /** Whether groups may have two digits: lakhs and crores. */
  readonly hasLakhs?: boolean;
  /** Whether pairs of digits in a telephone number are numbers. */
  readonly readsPairs?: boolean;
  /** Whether decimals are one number (`virgule quatorze`) rather than digits. */
  readonly readsDecimalsWhole?: boolean;
  readonly words: SignWords;
  /** Halves, thirds, quarters by name: `1/2` to words. */
  readonly fractions: Readonly<Record<string, string>>;
  /** By ISO 4217 code; any other has its name in CLDR. */
  readonly money: Readonly<Record<string, MoneyNames>>;
  /** Signs of units that ECMA-402 does not know, with the forms of their names. */
  readonly units: Readonly<Record<string, string>>;
  /** Between a currency and its hundredths; what stands between words where it is left out. */
  readonly moneyLink?: string;
  /** Between a million and a currency; a second, after `|`, before a vowel. */
  readonly millionLink?: string;
  /** What follows digits and makes them an ordinal, as a regular expression. */
  readonly ordinalMarks?: string;
  /** Words after which Roman numerals stand (`Chapter`), or before (`siècle`); as regular expressions. */
  readonly beforeRoman?: string;
  /** Percentages, where CLDR has a sign rather than a word; `#` is the number. */
  readonly percent?: string;
  readonly dateOrder: 'mdy' | 'dmy' | 'ymd';
  date(date: SpokenDate): string;
  time(time: SpokenTime): string;
  /** What may follow a time and is part of how it is said (`Uhr`), as a regular expression. */
  readonly afterTime?: string;
  /** A letter that stands for the colon of a time: `14h30`. */
  readonly hourMark?: string;
  /** What no other language has; these come first. */
  readonly rules?: readonly Rule[];
}
