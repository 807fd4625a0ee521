/** Amounts of money: `$5.50`, `5,50 €`, `$3 million`, `20 CHF`. */
import { matchEdit, type Rule } from './mapped-text.ts';
import { joined, numeralPattern, readNumeral, sayNumeral, type Numeral } from './say-number.ts';
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
const SIGNS_LAST: ReadonlySet<string> = new Set(['₽', '₺', 'zł']);

const CODES =
  'USD|EUR|GBP|JPY|CNY|INR|KRW|RUB|TRY|PLN|BRL|CHF|CAD|AUD|NZD|SEK|NOK|DKK|CZK|HUF|MXN|ZAR|UAH';

/** What an amount may be multiplied with, by what follows its number. */
const MAGNITUDES: Readonly<Record<string, number>> = { k: 3, K: 3, m: 6, M: 6, bn: 9, B: 9 };

/** In Latin or Cyrillic letters, as said between a number and its currency. */
const MAGNITUDE_WORDS =
  'thousand|[mbtr]+illion|Million(?:en)?|Milliarden?|mille|millions?|milliards?|mil|millón|millones|milioni?|miliardi?|milhão|milhões|bilhão|bilhões|mln|mld|tys\\.?|milion(?:y|ów)?|тыс\\.?|тысяч[аи]?|млн\\.?|млрд\\.?|миллион(?:а|ов)?|миллиард(?:а|ов)?|bin|milyon|milyar|हज़ार|लाख|करोड़|万|億|亿|만|억';

/** Rules for sums of money: the sign first, then the sign last. */
export function money(language: SpokenLanguage): readonly Rule[] {
  const number = numeralPattern(language);
  const signs = Object.keys(SIGNS);
  const sign = signs.map(escaped).join('|');
  const signFirst = signs
    .filter((one) => !SIGNS_LAST.has(one))
    .map(escaped)
    .join('|');
  const tail = `(?:(?<letter>k|K|m|M|bn|B)(?![\\p{sc=Latin}\\p{sc=Cyrl}\\p{N}])|[ \\u00a0]?(?<word>${MAGNITUDE_WORDS})(?![\\p{Script=Latin}\\p{Script=Cyrillic}]))?`;
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
  const numeral = scaled(readNumeral(sum.written, language), sum.letter);
  const sign = sum.isNegative ? [words.minus] : [];
  if (sum.symbol === '¢') {
    return joined(language, [...sign, counted(numeral, names['USD']?.[1] ?? '¢', language)]);
  }
  const code = sum.symbol === '¥' && locale === 'zh' ? 'CNY' : (SIGNS[sum.symbol] ?? sum.symbol);
  const [unit, hundredth] = names[code] ?? [nameOf(code, numeral, language)];
  if (sum.word !== undefined) {
    const many = form(unit, { whole: '1000000', decimals: '' }, language);
    const number = sayNumeral(numeral, language, sum.word);
    return joined(language, [
      ...sign,
      number,
      sum.word,
      millionLink(sum.word, many, language) + many,
    ]);
  }
  if (hundredth === undefined || !/^\d\d?$/u.test(numeral.decimals)) {
    const decimals = numeral.decimals.replace(/0+$/u, '');
    return joined(language, [...sign, counted({ ...numeral, decimals }, unit, language)]);
  }
  const cents = { whole: String(Number(numeral.decimals.padEnd(2, '0'))), decimals: '' };
  const parts = [
    ...(Number(numeral.whole) > 0 || cents.whole === '0'
      ? [counted({ whole: numeral.whole, decimals: '' }, unit, language)]
      : []),
    ...(cents.whole === '0' ? [] : [counted(cents, hundredth, language)]),
  ];
  return joined(language, [...sign, parts.join(language.moneyLink ?? language.space)]);
}

/** What joins a million to a currency, with the white space after it. */
function millionLink(word: string, currency: string, language: SpokenLanguage): string {
  if (!/illi|ill[oó]n|ilh|ilion/iu.test(word)) return '';
  const [link = '', beforeVowel = link] = (language.millionLink ?? '').split('|');
  return /^[aeiou]/iu.test(currency) ? beforeVowel : link;
}

function counted(numeral: Numeral, forms: string, language: SpokenLanguage): string {
  const noun = form(forms, numeral, language);
  return joined(language, [sayNumeral(numeral, language, noun), noun]);
}

/** The form for this number, of forms in the order of the language's plural categories. */
function form(forms: string, { whole, decimals }: Numeral, { locale }: SpokenLanguage): string {
  const choices = forms.split('/');
  const rules = new Intl.PluralRules(locale, {
    minimumFractionDigits: Math.min(20, decimals.length),
  });
  const category = rules.select(Number(`${whole}.${decimals || '0'}`));
  const order = PLURAL_ORDER.filter((name) =>
    rules.resolvedOptions().pluralCategories.includes(name),
  );
  return choices[order.indexOf(category)] ?? choices.at(-1) ?? '';
}

const PLURAL_ORDER: readonly Intl.LDMLPluralRule[] = ['one', 'few', 'many', 'other'];

function nameOf(code: string, { whole, decimals }: Numeral, { locale }: SpokenLanguage): string {
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: code,
    currencyDisplay: 'name',
    minimumFractionDigits: 0,
  });
  const parts = format.formatToParts(Number(`${whole}.${decimals || '0'}`));
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
