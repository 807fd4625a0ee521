/** Every other number: ordinals, fractions, versions, telephones, ranges, sums, Roman numerals, years, plain ones. */
import { beforeOf } from './dates.ts';
import { telephones, versions } from './digit-groups.ts';
import { ABBREVIATED } from './magnitudes.ts';
import { matchEdit, type Rule } from './mapped-text.ts';
import { romanValue } from './roman.ts';
import {
  joined,
  numeralPattern,
  readNumeral,
  sayDigits,
  sayNumeral,
  sayWhole,
} from './say-number.ts';
import type { SpokenLanguage } from './spoken-language.ts';

/** Rules for numbers, the particular before the general. */
export function numbers(language: SpokenLanguage): readonly Rule[] {
  return [
    ordinals(language),
    fractions(language),
    telephones(language),
    versions(language),
    romans(language),
    numberSigns(language),
    arithmetic(language),
    per(language),
    ratios(language),
    magnitudes(language),
    ranges(language),
    years(language),
    plain(language),
  ].filter((rule) => rule !== null);
}

/** `21st`, `2e`, `1.º`. */
function ordinals(language: SpokenLanguage): Rule | null {
  if (language.ordinalMarks === undefined) return null;
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}]|\\p{N}[.,])(\\d{1,6}|\\d{1,3}(?:[${language.groupMarks}]\\d{3}){1,3})(${language.ordinalMarks})(?![\\p{L}\\p{N}])`,
    'gu',
  );
  return function* ordinalsIn(text) {
    for (const match of text.matchAll(pattern)) {
      const digits = (match[1] ?? '').replaceAll(/^0+|\D/gu, '');
      if (digits !== '') yield matchEdit(match, language.ordinal(digits, match[2] ?? ''));
    }
  };
}

const VULGAR: Readonly<Record<string, string>> = {
  '½': '1/2',
  '⅓': '1/3',
  '⅔': '2/3',
  '¼': '1/4',
  '¾': '3/4',
  '⅕': '1/5',
  '⅛': '1/8',
};

/** `½`, `3/4`, `2½`, where the language names them. */
function fractions(language: SpokenLanguage): Rule {
  const pattern =
    /(?<![\p{sc=Latin}\p{sc=Cyrl}\p{N}/.,-])(?:(\d{1,4}) ?([½⅓⅔¼¾⅕⅛])|([½⅓⅔¼¾⅕⅛])|([1-9]\/[2-9]))(?![\p{sc=Latin}\p{sc=Cyrl}\p{N}/]|[.,-]\d)/gu;
  return function* fractionsIn(text) {
    for (const match of text.matchAll(pattern)) {
      const [, whole, ofWhole, vulgar, written] = match;
      const sign = ofWhole ?? vulgar;
      const fraction =
        language.fractions[sign === undefined ? (written ?? '') : (VULGAR[sign] ?? '')];
      if (fraction === undefined) continue;
      const words =
        whole === undefined
          ? [fraction]
          : [sayWhole(whole, language), language.words.and, fraction];
      yield matchEdit(match, joined(language, words));
    }
  };
}

/** Roman numerals beside words that have them: `Chapter IV`, `XIX wiek`. Elsewhere they are letters. */
function romans(language: SpokenLanguage): Rule | null {
  if (language.beforeRoman === undefined) return null;
  const pattern = new RegExp(
    `(?<=(?<![\\p{L}])(?:${language.beforeRoman})[ \\u00a0])([IVXLC]{1,9})(?![\\p{L}\\p{N}])`,
    'gu',
  );
  return function* romansIn(text) {
    for (const match of text.matchAll(pattern)) {
      const value = romanValue(match[0]);
      if (value !== null) yield matchEdit(match, language.cardinal(String(value)));
    }
  };
}

/** `No. 5`, `№ 5`, `#5`: the sign only; the number is read as any other. */
function numberSigns(language: SpokenLanguage): Rule {
  const pattern =
    /(?<![\p{sc=Latin}\p{sc=Cyrl}\p{N}&])(?:№|#|N[º°]\.?|n[º°]\.?|n\.º|No\.|Nr\.|nr\.?|Núm\.|núm\.)[ \u00a0]?(?=\d)/gu;
  return function* numberSignsIn(text) {
    for (const match of text.matchAll(pattern)) {
      yield matchEdit(match, `${language.words.number}${language.space}`);
    }
  };
}

/** Signs between numbers; a hyphen is one only with an equation around it. */
function arithmetic(language: SpokenLanguage): Rule {
  const { plus, minus, times, over, equals, less, more, about } = language.words;
  const signs: Readonly<Record<string, string>> = {
    '+': plus,
    '-': minus,
    '−': minus,
    '×': times,
    '*': times,
    '·': times,
    '÷': over,
    '/': over,
    '=': equals,
    '<': less,
    '>': more,
    '≈': about,
    '~': about,
  };
  const pattern =
    /(?<=[\p{L}\p{N})]\s)[+−×*÷/=<>≈](?=\s[\p{N}(−-])|(?<=\d)[+×*÷=](?=\d)|(?<=\d\s)-(?=\s\d{1,15}\s?=)|(?<![\p{sc=Latin}\p{sc=Cyrl}\p{N}])[≈~](?=\s?\d)/gu;
  return function* arithmeticIn(text) {
    for (const match of text.matchAll(pattern)) {
      const word = signs[match[0]] ?? '';
      const isTight =
        /\d/u.test(text[match.index - 1] ?? '') || /\d/u.test(text[match.index + 1] ?? '');
      yield matchEdit(match, isTight ? ` ${word} ` : word);
    }
  };
}

/** `$20/month`, once the sum has been read. */
function per({ words }: SpokenLanguage): Rule | null {
  const { per: word } = words;
  if (word === undefined) return null;
  return function* perIn(text) {
    for (const { index } of text.matchAll(/(?<=\ufffc)\/(?=\p{L})/gu)) {
      yield { start: index, end: index + 1, text: ` ${word} ` };
    }
  };
}

/** `3:1`, where it is no time. */
function ratios(language: SpokenLanguage): Rule | null {
  const { ratio: word } = language.words;
  if (word === undefined) return null;
  const pattern = /(?<![\p{sc=Latin}\p{sc=Cyrl}\p{N}:.,])(\d{1,3}):(\d{1,3})(?![\p{N}:]|[.,]\d)/gu;
  return function* ratiosIn(text) {
    for (const match of text.matchAll(pattern)) {
      const [, first = '', second = ''] = match;
      const said = [sayWhole(first, language), word, sayWhole(second, language)];
      yield matchEdit(match, joined(language, said));
    }
  };
}

/** `3,5 Mio.`, `5 тыс.`: what is short for thousands, millions, milliards. */
function magnitudes(language: SpokenLanguage): Rule {
  const short = Object.keys(ABBREVIATED).join('|');
  const pattern = new RegExp(
    `(?<![\\p{sc=Latin}\\p{sc=Cyrl}\\p{N}]|\\p{N}[.,])(${numeralPattern(language)})[ \\u00a0](${short})(?!\\p{L})(?:\\.(?= \\S))?`,
    'gu',
  );
  return function* magnitudesIn(text) {
    for (const match of text.matchAll(pattern)) {
      const [, written = '', word = ''] = match;
      const number = sayNumeral(readNumeral(written, language), language);
      yield matchEdit(match, joined(language, [number, ABBREVIATED[word] ?? word]));
    }
  };
}

/** `5-10`, `1990–1995`: from one number to the next, when the second is the greater. */
function ranges(language: SpokenLanguage): Rule {
  const number = numeralPattern(language);
  const pattern = new RegExp(
    `(?<![\\p{sc=Latin}\\p{sc=Cyrl}\\p{N}/–-]|\\p{N}[.,:])(${number})(?:[-–—~]|\\s–\\s)(${number})(?![\\p{N}/–-]|[.,:]\\d)`,
    'gu',
  );
  return function* rangesIn(text) {
    for (const match of text.matchAll(pattern)) {
      const [, first = '', second = ''] = match;
      const ends = [first, second].map((written) => readNumeral(written, language));
      const values = ends.map(({ whole, decimals }) => Number(`${whole}.${decimals || 0}`));
      const [low = 0, high = 0] = values;
      // 1914-18
      const isShortYear = isYear(first) && /^\d\d$/u.test(second) && high > low % 100;
      if (low >= high && !isShortYear) continue;
      const areYears = isShortYear || (isYear(first) && isYear(second));
      const said = ends.map((end) =>
        areYears && end.whole.length === 4
          ? (language.year?.(end.whole) ?? language.cardinal(end.whole))
          : sayNumeral(end, language),
      );
      yield matchEdit(match, said.join(`${language.space}${language.words.to}${language.space}`));
    }
  };
}

/** Four digits that are most likely a year, where years are not said like other numbers. */
function years(language: SpokenLanguage): Rule | null {
  if (language.year === undefined) return null;
  const pattern =
    /(?<![\p{sc=Latin}\p{sc=Cyrl}\p{N}#$€£¥+/:-]|\p{N}[.,])(1\d\d\d|20\d\d)(s?)(?![\p{sc=Latin}\p{sc=Cyrl}\p{N}/:-]|[.,]\d)/gu;
  return function* yearsIn(text) {
    for (const match of text.matchAll(pattern)) {
      const [, digits = '', plural = ''] = match;
      if (plural === '' && !isYear(digits) && !YEAR_BEFORE.test(beforeOf(match))) continue;
      const said = language.year?.(digits) ?? digits;
      yield matchEdit(match, plural === '' ? said : pluralOf(said));
    }
  };
}

function isYear(written: string): boolean {
  return /^(?:1[89]|20)\d\d$/u.test(written);
}

/** Words before a year of long ago. */
const YEAR_BEFORE =
  /(?:^|[^\p{L}])(?:in|of|since|by|from|until|till|before|after|around|year|circa|ca\.?|im jahr|jahre?|seit|von|bis|um|anno)\s$/iu;

/** Decades: `nineteen nineties`. */
function pluralOf(year: string): string {
  return year.endsWith('y') ? `${year.slice(0, -1)}ies` : `${year}s`;
}

/** What is left: with its sign, and apart from letters that it touches. */
function plain(language: SpokenLanguage): Rule {
  const pattern = new RegExp(`(?:(?<=^|[\\s(=])[-−+])?${numeralPattern(language)}`, 'gu');
  return function* plainIn(text) {
    for (const match of text.matchAll(pattern)) {
      const [all] = match;
      const sign = signWord(all, language);
      const numeral = readNumeral(sign === '' ? all : all.slice(1), language);
      const noun =
        language.counted &&
        NOUN.exec(text.slice(match.index + all.length, match.index + all.length + NOUN_MAX))?.[1];
      const said = isCode(all) ? sayDigits(all, language) : sayNumeral(numeral, language, noun);
      const words = joined(language, [sign, said]);
      yield matchEdit(match, apart(words, text, match.index, match.index + all.length));
    }
  };
}

/** The word for the sign that a number begins with; empty without one. */
function signWord(number: string, { words }: SpokenLanguage): string {
  if (number.startsWith('+')) return words.plus;
  return /^[-−]/u.test(number) ? words.minus : '';
}

/** So many digits without marks number a thing rather than count it, unless they are round. */
function isCode(written: string): boolean {
  return /^\d{10,}$/u.test(written) && !written.endsWith('000000');
}

/** A word after a number that may be what is counted; short ones seldom are. */
const NOUN =
  /^[ \u00a0](?!(?:como|desde|entre|hasta|para|pero|quando|sobre|cuando|della|dello|mais|porque|avec|dans|pour|sont)(?!\p{L}))(\p{L}{4,}|año|día|mes|vez|ora|час|дня|дни|раз|год|кот|Tag|Uhr|Mal)(?!\p{L})/u;
const NOUN_MAX = 32;

/** `MP3` is `MP three`, `3D` is `three D`. */
function apart(words: string, text: string, start: number, end: number): string {
  const isLetter = (at: number): boolean => /[\p{sc=Latin}\p{sc=Cyrillic}]/u.test(text[at] ?? '');
  return `${isLetter(start - 1) ? ' ' : ''}${words}${isLetter(end) ? ' ' : ''}`;
}
