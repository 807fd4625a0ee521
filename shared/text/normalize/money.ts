/** Amounts of money: `$5.50`, `5,50 €`, `$3 million`, `20 CHF`. */
import { ABBREVIATED, MAGNITUDES, MAGNITUDE_WORDS } from './magnitudes.ts';
import { matchEdit, type Rule } from './mapped-text.ts';
import {
  joined,
  numeralPattern,
  pluralValue,
  readNumeral,
  sayNumeral,
  type Numeral,
} from './say-number.ts';
import { pluralForm, sayCounted } from './plurals.ts';
import type { SpokenLanguage } from './spoken-language.ts';

const SIGNS: Readonly<Record<string, string>> = {
  US$: 'USD',
  A$: 'AUD',
  C$: 'CAD',
  R$: 'BRL',
  $: 'USD',
  '＄': 'USD',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '￥': 'JPY',
  '₹': 'INR',
  '₩': 'KRW',
  '₽': 'RUB',
  '₺': 'TRY',
  zł: 'PLN',
};

/** Signs that stand after their sums alone. */
const SIGNS_LAST: ReadonlySet<string> = new Set(['₽', 'zł']);

const CODES =
  'USD|EUR|GBP|JPY|CNY|INR|KRW|RUB|TRY|PLN|BRL|CHF|CAD|AUD|NZD|SEK|NOK|DKK|CZK|HUF|MXN|ZAR|UAH';

/** Rules for sums of money: the sign first, then the sign last. */
export function money(language: SpokenLanguage): readonly Rule[] {
  // hundredths are known by being two, whatever comes before them
  const number = `(?:${numeralPattern(language)}|\\d+[.,]\\d\\d)`;
  const signs = Object.keys(SIGNS);
  const sign = signs.map(escaped).join('|');
  const signFirst = signs
    .filter((one) => !SIGNS_LAST.has(one))
    .map(escaped)
    .join('|');
  const tail = `(?:(?:[ \\u00a0](?=[kM][€$£]))?(?<letter>k|K|m|M|bn|B)(?![\\p{sc=Latin}\\p{sc=Cyrl}\\p{N}])|[ \\u00a0]?(?<word>${MAGNITUDE_WORDS})(?![\\p{Script=Latin}\\p{Script=Cyrillic}]))?`;
  const start = '(?<![\\p{sc=Latin}\\p{sc=Cyrl}\\p{N}]|\\p{N}[.,])';
  const end = '(?![\\p{Script=Latin}\\p{N}]|[.,]\\d)';
  const patterns = [
    `${start}(?<minus>[-−])?(?<symbol>${signFirst}|(?:${CODES})(?=[ \\u00a0]))[ \\u00a0]?(?:(?<low>${number}) ?[-–] ?(?:${signFirst})?)?(?<written>${number})${tail}${end}`,
    `${start}(?<minus>(?<=^|[\\s(])[-−])?(?:(?<low>${number}) ?[-–] ?)?(?<written>${number})${tail}[ \\u00a0]?(?<symbol>${sign}|${CODES}|¢)${end}`,
  ];
  return patterns.map((source) => {
    const pattern = new RegExp(source, 'gu');
    return function* moneyIn(text: string) {
      for (const match of text.matchAll(pattern)) {
        const { minus, symbol = '', low, written = '', letter, word } = match.groups ?? {};
        const isNegative = minus !== undefined;
        const sum = saySum({ isNegative, symbol, written, letter, word }, language);
        const from = low === undefined ? [] : [sayNumeral(readNumeral(low, language), language)];
        const words = low === undefined ? [sum] : [...from, language.words.to, sum];
        yield matchEdit(match, joined(language, words));
      }
    };
  });
}

function readAmount(written: string, language: SpokenLanguage): Numeral {
  const [, whole, decimals] = /^(\d+)[.,](\d\d)$/u.exec(written) ?? [];
  return whole === undefined || decimals === undefined
    ? readNumeral(written, language)
    : { whole, decimals };
}

interface Sum {
  readonly isNegative: boolean;
  readonly symbol: string;
  readonly written: string;
  /** Multiplies: `k`. */
  readonly letter: string | undefined;
  /** Is said between number and currency: `million`. */
  readonly word: string | undefined;
}

function saySum(sum: Sum, language: SpokenLanguage): string {
  const { locale, words, money: names } = language;
  const numeral = scaled(readAmount(sum.written, language), sum.letter);
  const sign = sum.isNegative ? [words.minus] : [];
  if (sum.symbol === '¢') {
    return joined(language, [...sign, sayCounted(numeral, names['USD']?.[1] ?? '¢', language)]);
  }
  const code = sum.symbol === '¥' && locale === 'zh' ? 'CNY' : (SIGNS[sum.symbol] ?? sum.symbol);
  const [unit, hundredth] = names[code] ?? [nameOf(code, numeral, language)];
  if (sum.word !== undefined) {
    const many = pluralForm(unit, { whole: '1000000', decimals: '' }, language);
    const magnitude = ABBREVIATED[sum.word.replace('.', '')] ?? sum.word;
    const number = sayNumeral(numeral, language, magnitude);
    const named = millionLink(magnitude, many, language) + many;
    return joined(language, [...sign, number, magnitude, named]);
  }
  if (hundredth === undefined || !/^\d\d?$/u.test(numeral.decimals)) {
    const decimals = numeral.decimals.replace(/0+$/u, '');
    return joined(language, [...sign, sayUnits({ ...numeral, decimals }, unit, language)]);
  }
  const cents = { whole: String(Number(numeral.decimals.padEnd(2, '0'))), decimals: '' };
  const parts = [
    ...(Number(numeral.whole) > 0 || cents.whole === '0'
      ? [sayUnits({ whole: numeral.whole, decimals: '' }, unit, language)]
      : []),
    ...(cents.whole === '0' ? [] : [sayCounted(cents, hundredth, language)]),
  ];
  return joined(language, [...sign, parts.join(language.moneyLink ?? language.space)]);
}

/** Round millions are nouns themselves: `cinq millions d'euros`. */
function sayUnits(numeral: Numeral, unit: string, language: SpokenLanguage): string {
  const isMillions = numeral.decimals === '' && /[1-9]\d{0,2}0{6}$/u.test(numeral.whole);
  if (!isMillions || language.millionLink === undefined) return sayCounted(numeral, unit, language);
  const noun = pluralForm(unit, numeral, language);
  return `${sayNumeral(numeral, language)} ${millionLink('million', noun, language)}${noun}`;
}

/** What joins a million to a currency, with the white space after it. */
function millionLink(word: string, currency: string, language: SpokenLanguage): string {
  if (!/illi|ill[oó]n|ilh|ilion/iu.test(word)) return '';
  const [link = '', beforeVowel = link] = (language.millionLink ?? '').split('|');
  return /^[aeiou]/iu.test(currency) ? beforeVowel : link;
}

function nameOf(code: string, numeral: Numeral, { locale }: SpokenLanguage): string {
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: code,
    currencyDisplay: 'name',
    minimumFractionDigits: 0,
  });
  const parts = format.formatToParts(pluralValue(numeral));
  return parts.find(({ type }) => type === 'currency')?.value ?? code;
}

/** `5k` is 5 000, `1.5k` 1 500; decimals beyond that stay. */
function scaled(numeral: Numeral, letter: string | undefined): Numeral {
  const zeros = letter === undefined ? 0 : (MAGNITUDES[letter] ?? 0);
  if (zeros === 0) return numeral;
  const moved = numeral.decimals.slice(0, zeros).padEnd(zeros, '0');
  const whole = `${numeral.whole}${moved}`.replace(/^0+(?=\d)/u, '');
  return { whole, decimals: numeral.decimals.slice(zeros) };
}

function escaped(literal: string): string {
  return literal.replaceAll('$', '\\$');
}
