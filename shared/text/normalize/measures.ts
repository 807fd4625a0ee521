/** Numbers with units and per cent: `5 km`, `20 °C`, `12%`. Names of units are those of CLDR. */
import { matchEdit, type Rule } from './mapped-text.ts';
import { joined, numeralPattern, readNumeral, sayNumeral, type Numeral } from './say-number.ts';
import type { SpokenLanguage } from './spoken-language.ts';

/** Signs of units, as CLDR names them. Letters that are words or names by themselves (`in`, `t`, `A`) are not here. */
const UNITS: Readonly<Record<string, string>> = {
  km: 'kilometer',
  m: 'meter',
  cm: 'centimeter',
  mm: 'millimeter',
  µm: 'micrometer',
  nm: 'nanometer',
  mi: 'mile',
  ft: 'foot',
  yd: 'yard',
  kg: 'kilogram',
  g: 'gram',
  mg: 'milligram',
  lb: 'pound',
  lbs: 'pound',
  oz: 'ounce',
  l: 'liter',
  L: 'liter',
  cl: 'centiliter',
  ml: 'milliliter',
  mL: 'milliliter',
  'km²': 'square-kilometer',
  'm²': 'square-meter',
  'cm²': 'square-centimeter',
  'm³': 'cubic-meter',
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

const UNIT_PATTERN = Object.keys(UNITS)
  .toSorted((a, b) => b.length - a.length)
  .join('|');

/** Rule for amounts of units, ranges of them (`5-10 km`) included. */
export function measures(language: SpokenLanguage): Rule {
  const number = numeralPattern(language);
  const pattern = new RegExp(
    `(?<![\\p{sc=Latin}\\p{sc=Cyrl}\\p{N}]|\\p{N}[.,])(?:(${number})\\s?[-–]\\s?)?(?:(?<=^|[\\s(])([-−]))?(${number})[ \\u00a0\\u202f]?(${UNIT_PATTERN})(?![\\p{sc=Latin}\\p{sc=Cyrl}\\p{sc=Deva}\\p{N}/²³])`,
    'gu',
  );
  return function* measuresIn(text) {
    for (const match of text.matchAll(pattern)) {
      const [, from, sign, written = '', symbol = ''] = match;
      const unit = UNITS[symbol];
      if (unit === undefined) continue;
      const amount = sayAmount(readNumeral(written, language), unit, language);
      const words = from === undefined ? [] : [sayNumeral(readNumeral(from, language), language)];
      if (from !== undefined) words.push(language.words.to);
      if (sign !== undefined) words.push(language.words.minus);
      yield matchEdit(match, joined(language, [...words, amount]));
    }
  };
}

/** A number of units in words, in the order of the language: `twenty degrees Celsius`. */
function sayAmount(numeral: Numeral, unit: string, language: SpokenLanguage): string {
  if (unit === 'percent' && language.percent !== undefined) {
    return language.percent.replace('#', sayNumeral(numeral, language));
  }
  const format = new Intl.NumberFormat(language.locale, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    useGrouping: false,
    minimumFractionDigits: Math.min(20, numeral.decimals.length),
  });
  const parts = format.formatToParts(Number(`${numeral.whole}.${numeral.decimals || '0'}`));
  const noun = parts
    .filter(({ type }) => type === 'unit' || type === 'percentSign')
    .map(({ value }) => value)
    .join(' ');
  const said = parts.map(({ type, value }) => {
    if (type === 'integer') return sayNumeral(numeral, language, noun);
    return type === 'decimal' || type === 'fraction' ? '' : value;
  });
  const amount = said.join('').trim();
  return language.space === '' ? amount.replaceAll(/\s/gu, '') : amount;
}
