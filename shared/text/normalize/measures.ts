/** Numbers with units and per cent: `5 km`, `20 °C`, `12%`. Names of units are those of CLDR. */
import { matchEdit, type Rule } from './mapped-text.ts';
import { sayCounted } from './plurals.ts';
import {
  joined,
  numeralPattern,
  pluralValue,
  readNumeral,
  sayNumeral,
  type Numeral,
} from './say-number.ts';
import type { SpokenLanguage } from './spoken-language.ts';

/** Signs of units, as ECMA-402 names them (section 6.6.2). Letters that are words or names by themselves (`in`, `t`, `A`) are not here. */
const UNITS: Readonly<Record<string, string>> = {
  km: 'kilometer',
  m: 'meter',
  cm: 'centimeter',
  mm: 'millimeter',
  mi: 'mile',
  ft: 'foot',
  yd: 'yard',
  kg: 'kilogram',
  g: 'gram',
  lb: 'pound',
  lbs: 'pound',
  oz: 'ounce',
  l: 'liter',
  L: 'liter',
  ml: 'milliliter',
  mL: 'milliliter',
  'km/h': 'kilometer-per-hour',
  kmh: 'kilometer-per-hour',
  'm/s': 'meter-per-second',
  mph: 'mile-per-hour',
  '°C': 'celsius',
  '℃': 'celsius',
  '°F': 'fahrenheit',
  '℉': 'fahrenheit',
  '°': 'degree',
  kB: 'kilobyte',
  KB: 'kilobyte',
  MB: 'megabyte',
  GB: 'gigabyte',
  TB: 'terabyte',
  h: 'hour',
  min: 'minute',
  ms: 'millisecond',
  км: 'kilometer',
  м: 'meter',
  см: 'centimeter',
  мм: 'millimeter',
  кг: 'kilogram',
  мл: 'milliliter',
  'км/ч': 'kilometer-per-hour',
  МБ: 'megabyte',
  ГБ: 'gigabyte',
  ТБ: 'terabyte',
  мин: 'minute',
  किमी: 'kilometer',
  किग्रा: 'kilogram',
  '%': 'percent',
  '％': 'percent',
};

/** Rule for amounts of units, ranges of them (`5-10 km`) included. */
export function measures(language: SpokenLanguage): Rule {
  const number = numeralPattern(language);
  const signs = [...Object.keys(UNITS), ...Object.keys(language.units)]
    .toSorted((a, b) => b.length - a.length)
    .join('|');
  const pattern = new RegExp(
    `(?<![\\p{sc=Latin}\\p{sc=Cyrl}\\p{N}]|\\p{N}[.,])(?:(${number})\\s?[-–]\\s?)?(?:(?<=^|[\\s(])([-−+]))?(${number})[ \\u00a0\\u202f]?(${signs})(?![\\p{sc=Latin}\\p{sc=Cyrl}\\p{sc=Deva}\\p{N}/²³])`,
    'gu',
  );
  // made anew for every number they would take longer than all else
  const formats = new Map<string, Intl.NumberFormat>();
  const formatOf = (unit: string, digits: number): Intl.NumberFormat => {
    const key = `${unit} ${digits}`;
    const format = formats.get(key) ?? unitFormat(language.locale, unit, digits);
    formats.set(key, format);
    return format;
  };
  return function* measuresIn(text) {
    for (const match of text.matchAll(pattern)) {
      const [, from, sign, written = '', symbol = ''] = match;
      const amount = sayAmount(readNumeral(written, language), symbol, language, formatOf);
      const words = from === undefined ? [] : [sayNumeral(readNumeral(from, language), language)];
      if (from !== undefined) words.push(language.words.to);
      if (sign !== undefined) words.push(sign === '+' ? language.words.plus : language.words.minus);
      yield matchEdit(match, joined(language, [...words, amount]));
    }
  };
}

/** A number of units in words, in the order of the language: `twenty degrees Celsius`. */
function sayAmount(
  numeral: Numeral,
  symbol: string,
  language: SpokenLanguage,
  formatOf: (unit: string, digits: number) => Intl.NumberFormat,
): string {
  const forms = language.units[symbol];
  if (forms !== undefined) return sayCounted(numeral, forms, language);
  const unit = UNITS[symbol] ?? '';
  if (unit === 'percent' && language.percent !== undefined) {
    return language.percent.replace('#', sayNumeral(numeral, language));
  }
  const format = formatOf(unit, Math.min(MAX_DECIMALS, numeral.decimals.length));
  const parts = format.formatToParts(pluralValue(numeral));
  const noun = parts
    .filter(({ type }) => type === 'unit' || type === 'percentSign')
    .map(({ value }) => value)
    .join(' ');
  const said = parts.map(({ type, value }) => {
    if (type === 'integer') return sayNumeral(numeral, language, noun);
    return type === 'decimal' || type === 'fraction' ? '' : value;
  });
  return said.join('').trim().replaceAll(/\s+/gu, language.space);
}

/** More do not change a plural. */
const MAX_DECIMALS = 3;

function unitFormat(locale: string, unit: string, digits: number): Intl.NumberFormat {
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    useGrouping: false,
    minimumFractionDigits: digits,
  });
}
