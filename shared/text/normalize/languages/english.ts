/** English, as spoken in America. */
import { toCardinal, toOrdinal } from 'n2words/en-US';
import { matchEdit, type Edit } from '../mapped-text.ts';
import { monthName } from '../dates.ts';
import { romanValue } from '../roman.ts';
import type { SpokenLanguage, SpokenTime } from '../spoken-language.ts';

const MONTHS =
  'January|February|March|April|May|June|July|August|September|October|November|December|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\\b\\.?';
const MONTH_FIRST = new RegExp(
  `(?<!\\p{L})(${MONTHS}) (\\d{1,2})(?:st|nd|rd|th)?(?:(,?) (\\d{4}))?(?![\\p{L}\\p{N}:%-]|[.,]\\d)`,
  'gu',
);
const DAY_FIRST = new RegExp(
  `(?<![\\p{L}\\p{N}.,:/-])((?:the )?)(\\d{1,2})(?:st|nd|rd|th)? (?:of )?(${MONTHS})(?:,? (\\d{4}))?(?![\\p{L}\\p{N}])`,
  'gu',
);
/** Not `I` alone, which is a word. */
const REGNAL =
  /(?<=(?<!\p{L})(?:Benedict|Charles|Edward|Elizabeth|Francis|George|Henry|James|John|Louis|Mary|Napoleon|Paul|Philip|Pius|Richard|William) )(?:[VX]|[IVX]{2,6})(?![\p{L}\p{N}])/gu;

export const ENGLISH: SpokenLanguage = {
  locale: 'en',
  space: ' ',
  cardinal: (digits) => toCardinal(digits),
  ordinal: (digits) => toOrdinal(digits),
  year: sayYear,
  decimalMark: '.',
  groupMarks: ',\\u00a0\\u202f',
  words: {
    point: 'point',
    minus: 'minus',
    plus: 'plus',
    times: 'times',
    over: 'divided by',
    equals: 'equals',
    less: 'is less than',
    more: 'is greater than',
    about: 'about',
    to: 'to',
    and: 'and',
    per: 'per',
    ratio: 'to',
    number: 'number',
    at: 'at',
    dot: 'dot',
    slash: 'slash',
    dash: 'dash',
  },
  fractions: {
    '1/2': 'one half',
    '1/3': 'one third',
    '2/3': 'two thirds',
    '1/4': 'one quarter',
    '3/4': 'three quarters',
    '1/5': 'one fifth',
    '1/8': 'one eighth',
  },
  units: {
    'm²': 'square meter/square meters',
    'km²': 'square kilometer/square kilometers',
    'm³': 'cubic meter/cubic meters',
    mg: 'milligram/milligrams',
  },
  money: {
    USD: ['dollar/dollars', 'cent/cents'],
    EUR: ['euro/euros', 'cent/cents'],
    GBP: ['pound/pounds', 'penny/pence'],
    JPY: ['yen'],
    CNY: ['yuan'],
    INR: ['rupee/rupees', 'paisa/paise'],
    KRW: ['won'],
    RUB: ['ruble/rubles', 'kopeck/kopecks'],
    TRY: ['lira/liras', 'kurush'],
    PLN: ['zloty/zlotys', 'grosz/groszy'],
  },
  moneyLink: ' and ',
  ordinalMarks: 'st|nd|rd|th',
  beforeRoman:
    '[Cc]hapter|[Pp]art|[Aa]ct|[Ss]cene|[Vv]olume|[Bb]ook|[Ss]ection|[Aa]rticle|[Pp]hase|[Aa]ppendix|World War',
  dateOrder: 'mdy',
  date: ({ day, month, year }) =>
    `${monthName(month, ENGLISH)} ${toOrdinal(day)}${year === undefined ? '' : `, ${sayYear(year)}`}`,
  time: sayTime,
  rules: [monthFirst, dayFirst, decades, regnal],
};

function* monthFirst(text: string): Generator<Edit> {
  for (const match of text.matchAll(MONTH_FIRST)) {
    const [, month = '', day = '', , year] = match;
    if (!isDay(day)) continue;
    const said = `${fullName(month)} ${toOrdinal(Number(day))}`;
    yield matchEdit(match, year === undefined ? said : `${said}, ${sayYear(year)}`);
  }
}

function* dayFirst(text: string): Generator<Edit> {
  for (const match of text.matchAll(DAY_FIRST)) {
    const [, , day = '', month = '', year] = match;
    if (!isDay(day)) continue;
    const said = `the ${toOrdinal(Number(day))} of ${fullName(month)}`;
    yield matchEdit(match, year === undefined ? said : `${said}, ${sayYear(year)}`);
  }
}

/** `the '90s`. */
function* decades(text: string): Generator<Edit> {
  for (const match of text.matchAll(/(?<![\p{L}\p{N}.,$€£])['’]?([2-9]0)s(?![\p{L}\p{N}])/gu)) {
    yield matchEdit(match, toCardinal(Number(match[1])).replace(/y$/u, 'ies'));
  }
}

function* regnal(text: string): Generator<Edit> {
  for (const match of text.matchAll(REGNAL)) {
    const value = romanValue(match[0]);
    if (value !== null) yield matchEdit(match, `the ${toOrdinal(value)}`);
  }
}

function fullName(month: string): string {
  const index = 'JanFebMarAprMayJunJulAugSepOctNovDec'.indexOf(month.slice(0, 3)) / 3;
  return monthName(index + 1, ENGLISH);
}

function isDay(digits: string): boolean {
  return Number(digits) >= 1 && Number(digits) <= 31;
}

/** In pairs, but for the first years of a millennium: `nineteen oh five`, `two thousand one`. */
function sayYear(digits: string): string {
  const [century, rest] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
  if (century % 10 === 0 && rest < 10) return toCardinal(digits);
  if (rest === 0) return `${toCardinal(century)} hundred`;
  return `${toCardinal(century)} ${twoDigits(rest)}`;
}

function sayTime({ hour, minute, second, isHalfDay }: SpokenTime): string {
  const seconds =
    second === 0 ? '' : ` and ${toCardinal(second)} ${second === 1 ? 'second' : 'seconds'}`;
  if (minute > 0) return `${toCardinal(hour)} ${twoDigits(minute)}${seconds}`;
  if (isHalfDay) return toCardinal(hour) + seconds;
  if (hour === 0) return `midnight${seconds}`;
  return (hour <= 12 ? `${toCardinal(hour)} o'clock` : `${toCardinal(hour)} hundred`) + seconds;
}

function twoDigits(value: number): string {
  return value < 10 ? `oh ${toCardinal(value)}` : toCardinal(value);
}
