/** Turkish. */
import { toCardinal, toOrdinal } from 'n2words/tr-TR';
import { monthName } from '../dates.ts';
import { matchEdit, type Edit } from '../mapped-text.ts';
import { numeralPattern, readNumeral, sayNumeral } from '../say-number.ts';
import type { SpokenLanguage, SpokenTime } from '../spoken-language.ts';

export const TURKISH: SpokenLanguage = {
  locale: 'tr',
  space: ' ',
  cardinal: (digits) => toCardinal(digits),
  ordinal,
  decimalMark: ',',
  groupMarks: '.\\u00a0\\u202f',
  readsDecimalsWhole: true,
  words: {
    point: 'virgül',
    minus: 'eksi',
    plus: 'artı',
    times: 'çarpı',
    over: 'bölü',
    equals: 'eşittir',
    less: 'küçüktür',
    more: 'büyüktür',
    about: 'yaklaşık',
    to: 'ile',
    and: 've',
    number: 'numara',
    at: 'et',
    dot: 'nokta',
    slash: 'bölü',
    dash: 'tire',
  },
  fractions: {
    '1/2': 'yarım',
    '1/3': 'üçte bir',
    '2/3': 'üçte iki',
    '1/4': 'çeyrek',
    '3/4': 'dörtte üç',
    '1/5': 'beşte bir',
    '1/8': 'sekizde bir',
  },
  units: {
    'm²': 'metrekare',
    'km²': 'kilometrekare',
    'm³': 'metreküp',
    mg: 'miligram',
  },
  money: {
    USD: ['dolar', 'sent'],
    EUR: ['avro', 'sent'],
    GBP: ['sterlin', 'peni'],
    JPY: ['yen'],
    CNY: ['yuan'],
    INR: ['rupi', 'paisa'],
    KRW: ['von'],
    RUB: ['ruble', 'kopek'],
    TRY: ['lira', 'kuruş'],
    PLN: ['zloti', 'groş'],
  },
  ordinalMarks: "['’]?(?:[iıuü]?nc[iıuü])",
  dateOrder: 'dmy',
  date: ({ day, month, year }) =>
    `${toCardinal(day)} ${monthName(month, TURKISH)}${year === undefined ? '' : ` ${toCardinal(year)}`}`,
  time: sayTime,
  rules: [percents],
};

/** The sign comes first: `%50`. */
function* percents(text: string): Generator<Edit> {
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])% ?(${numeralPattern(TURKISH)})`, 'gu');
  for (const match of text.matchAll(pattern)) {
    yield matchEdit(match, `yüzde ${sayNumeral(readNumeral(match[1] ?? '', TURKISH), TURKISH)}`);
  }
}

/** The library writes tens and units as one word. */
function ordinal(digits: string): string {
  const unit = Number(digits) % 10;
  const rest = Number(digits) - unit;
  return unit === 0 || rest === 0 ? toOrdinal(digits) : `${toCardinal(rest)} ${toOrdinal(unit)}`;
}

function sayTime({ hour, minute, second }: SpokenTime): string {
  const zero = minute > 0 && minute < 10 ? ' sıfır' : '';
  const minutes = minute === 0 ? '' : `${zero} ${toCardinal(minute)}`;
  return `${toCardinal(hour)}${minutes}${second === 0 ? '' : ` ${toCardinal(second)} saniye`}`;
}
