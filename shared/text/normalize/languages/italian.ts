/** Italian. */
import { toCardinal, toOrdinal } from 'n2words/it-IT';
import { monthName } from '../dates.ts';
import { matchEdit, type Edit } from '../mapped-text.ts';
import { romanValue } from '../roman.ts';
import type { SpokenLanguage, SpokenTime } from '../spoken-language.ts';

const CENTURY = /(?<![\p{L}\p{N}])([IVX]{1,6})(?= secolo)/gu;

export const ITALIAN: SpokenLanguage = {
  locale: 'it',
  space: ' ',
  cardinal: (digits) => toCardinal(digits),
  ordinal: (digits, mark) => toOrdinal(digits).replace(/o$/u, mark.includes('ª') ? 'a' : 'o'),
  counted: (digits, noun) => {
    if (digits !== '1') return toCardinal(digits);
    return /^\p{L}+(?:a|ione|tà)(?= |$)/u.test(noun) ? 'una' : 'un';
  },
  decimalMark: ',',
  groupMarks: ' .\\u00a0\\u202f',
  readsDecimalsWhole: true,
  words: {
    point: 'virgola',
    minus: 'meno',
    plus: 'più',
    times: 'per',
    over: 'diviso',
    equals: 'uguale a',
    less: 'minore di',
    more: 'maggiore di',
    about: 'circa',
    to: 'a',
    and: 'e',
    per: 'al',
    ratio: 'a',
    number: 'numero',
    at: 'chiocciola',
    dot: 'punto',
    slash: 'barra',
    dash: 'trattino',
  },
  fractions: {
    '1/2': 'mezzo',
    '1/3': 'un terzo',
    '2/3': 'due terzi',
    '1/4': 'un quarto',
    '3/4': 'tre quarti',
    '1/5': 'un quinto',
    '1/8': 'un ottavo',
  },
  units: {
    'm²': 'metro quadrato/metri quadrati',
    'km²': 'chilometro quadrato/chilometri quadrati',
    'm³': 'metro cubo/metri cubi',
    mg: 'milligrammo/milligrammi',
  },
  money: {
    USD: ['dollaro/dollari', 'centesimo/centesimi'],
    EUR: ['euro', 'centesimo/centesimi'],
    GBP: ['sterlina/sterline', 'penny/pence'],
    JPY: ['yen'],
    CNY: ['yuan'],
    INR: ['rupia/rupie', 'paisa'],
    KRW: ['won'],
    RUB: ['rublo/rubli', 'copeco/copechi'],
    TRY: ['lira/lire', 'kuruş'],
    PLN: ['zloty', 'grosz'],
  },
  moneyLink: ' e ',
  millionLink: 'di ',
  ordinalMarks: '[ºª°](?! ?[CF])',
  beforeRoman: '[Cc]apitolo|[Aa]tto|[Tt]omo|[Pp]arte|[Ll]ibro|[Ss]ecolo|[Aa]rticolo',
  dateOrder: 'dmy',
  date: ({ day, month, year }) =>
    `${day === 1 ? 'primo' : toCardinal(day)} ${monthName(month, ITALIAN)}${year === undefined ? '' : ` ${toCardinal(year)}`}`,
  time: sayTime,
  rules: [centuries],
};

/** `XIX secolo`. */
function* centuries(text: string): Generator<Edit> {
  for (const match of text.matchAll(CENTURY)) {
    const value = romanValue(match[0]);
    if (value !== null) yield matchEdit(match, toOrdinal(value));
  }
}

function sayTime({ hour, minute, second }: SpokenTime): string {
  const hours = hour === 1 ? 'una' : toCardinal(hour);
  const minutes = minute === 0 ? '' : ` e ${toCardinal(minute)}`;
  const seconds = second === 0 ? '' : ` e ${toCardinal(second)} secondi`;
  return hours + minutes + seconds;
}
