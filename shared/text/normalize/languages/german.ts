/** German. */
import { toCardinal, toOrdinal } from 'n2words/de-DE';
import { beforeOf, monthName } from '../dates.ts';
import { matchEdit, type Edit } from '../mapped-text.ts';
import type { SpokenDate, SpokenLanguage, SpokenTime } from '../spoken-language.ts';

const MONTH_DAY =
  /(?<![\p{L}\p{N}.,:/-])(\d{1,2})\. ?(Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)(?: (\d{4}))?(?![\p{L}\p{N}])/gu;
/** An ordinal stands between article and noun, or in the midst of a sentence. */
const ORDINAL =
  /(?<=(?<!\p{L})(?:[Dd]er|[Dd]ie|[Dd]as|[Dd]en|[Dd]em|[Aa]m|[Ii]m|[Zz]um|[Zz]ur|[Vv]om|[Bb]eim|[Jj]ede[rnms]?|[Ss]eine?[nmr]?|[Ii]hre?[nmr]?|[Mm]eine?[nmr]?) )(\d{1,4})\.(?= \p{L})|(?<![\p{L}\p{N}.,:/-])(\d{1,3})\.(?= \p{Ll})/gu;
const DAY_MONTH = /(?<![\p{L}\p{N}.,:/-])(\d{1,2})\.(\d{1,2})\.(?![\p{L}\p{N}])/gu;
const DECADE = /(?<![\p{L}\p{N}.,])(\d{2,4})er(?!\p{L})/gu;

/** After these an ordinal ends in -n. */
const WEAK = /(?:^|[^\p{L}])(?:am|im|zum|zur|vom|beim|dem|den|des|bis|ab|seit)\s$/iu;

export const GERMAN: SpokenLanguage = {
  locale: 'de',
  space: ' ',
  cardinal: (digits) => toCardinal(digits),
  ordinal: (digits) => toOrdinal(digits),
  counted: (digits, noun) =>
    digits === '1' && /^\p{Lu}/u.test(noun)
      ? `ein${/(?:e|ung|heit|keit|ion|tät|schaft|Frau|Nacht|Stadt|Hand)$/u.test(noun) ? 'e' : ''}`
      : toCardinal(digits),
  year: sayYear,
  decimalMark: ',',
  groupMarks: " .'’\\u00a0\\u202f",
  words: {
    point: 'Komma',
    minus: 'minus',
    plus: 'plus',
    times: 'mal',
    over: 'geteilt durch',
    equals: 'gleich',
    less: 'kleiner als',
    more: 'größer als',
    about: 'ungefähr',
    to: 'bis',
    and: 'und',
    per: 'pro',
    ratio: 'zu',
    number: 'Nummer',
    at: 'ät',
    dot: 'Punkt',
    slash: 'Schrägstrich',
    dash: 'Bindestrich',
  },
  fractions: {
    '1/2': 'ein halb',
    '1/3': 'ein Drittel',
    '2/3': 'zwei Drittel',
    '1/4': 'ein Viertel',
    '3/4': 'drei Viertel',
    '1/5': 'ein Fünftel',
    '1/8': 'ein Achtel',
  },
  units: {
    'm²': 'Quadratmeter',
    'km²': 'Quadratkilometer',
    'm³': 'Kubikmeter',
    mg: 'Milligramm',
  },
  money: {
    USD: ['Dollar', 'Cent'],
    EUR: ['Euro', 'Cent'],
    GBP: ['Pfund', 'Pence'],
    JPY: ['Yen'],
    CNY: ['Yuan'],
    INR: ['Rupie/Rupien', 'Paisa'],
    KRW: ['Won'],
    RUB: ['Rubel', 'Kopeke/Kopeken'],
    TRY: ['Lira', 'Kuruş'],
    PLN: ['Zloty', 'Grosz'],
    CHF: ['Franken', 'Rappen'],
  },
  moneyLink: ' und ',
  beforeRoman: 'Kapitel|Teil|Akt|Band|Buch|Artikel|Abschnitt',
  dateOrder: 'dmy',
  date: sayDate,
  time: sayTime,
  afterTime: 'Uhr(?!\\p{L})',
  rules: [monthDays, dayMonths, ordinals, decades],
};

function* monthDays(text: string): Generator<Edit> {
  for (const match of text.matchAll(MONTH_DAY)) {
    const [, day = '', month = '', year] = match;
    if (Number(day) < 1 || Number(day) > 31) continue;
    const said = `${inflected(day, beforeOf(match))} ${month}`;
    yield matchEdit(match, year === undefined ? said : `${said} ${sayYear(year)}`);
  }
}

/** `24.12.` */
function* dayMonths(text: string): Generator<Edit> {
  for (const match of text.matchAll(DAY_MONTH)) {
    const [day, month] = [Number(match[1]), Number(match[2])];
    if (day < 1 || day > 31 || month < 1 || month > 12) continue;
    yield matchEdit(match, sayDate({ day, month, before: beforeOf(match) }));
  }
}

function* ordinals(text: string): Generator<Edit> {
  for (const match of text.matchAll(ORDINAL)) {
    const digits = match[1] ?? match[2] ?? '';
    if (Number(digits) > 0) yield matchEdit(match, inflected(digits, beforeOf(match)));
  }
}

function* decades(text: string): Generator<Edit> {
  for (const match of text.matchAll(DECADE)) {
    const digits = match[1] ?? '';
    yield matchEdit(
      match,
      `${digits.length === 4 ? sayYear(digits) : toCardinal(Number(digits))}er`,
    );
  }
}

function sayDate({ day, month, year, before }: SpokenDate): string {
  const said = `${inflected(String(day), before)} ${monthName(month, GERMAN)}`;
  return year === undefined ? said : `${said} ${sayYear(year)}`;
}

/** `dritte`, `dritten` after a preposition, `dritter` by itself. */
function inflected(digits: string, before: string): string {
  const ordinal = toOrdinal(Number(digits));
  if (WEAK.test(before)) return `${ordinal}n`;
  return /(?:^|[^\p{L}])(?:der|die|das)\s$/iu.test(before) ? ordinal : `${ordinal}r`;
}

/** `neunzehnhundertneunundneunzig`, but `zweitausendzehn`. */
function sayYear(digits: string): string {
  const [century, rest] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
  if (century < 11 || century > 19) return toCardinal(digits);
  return `${toCardinal(century)}hundert${rest === 0 ? '' : toCardinal(rest)}`;
}

function sayTime({ hour, minute, second, isHalfDay }: SpokenTime): string {
  const hours = hour === 1 ? 'ein' : toCardinal(hour);
  const minutes = minute === 0 ? '' : ` ${toCardinal(minute)}`;
  const seconds = second === 0 ? '' : ` und ${toCardinal(second)} Sekunden`;
  return isHalfDay && minute === 0 ? toCardinal(hour) : `${hours} Uhr${minutes}${seconds}`;
}
