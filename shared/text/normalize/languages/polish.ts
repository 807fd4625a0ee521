/** Polish. */
import { toCardinal, toOrdinal } from 'n2words/pl-PL';
import { beforeOf, monthName } from '../dates.ts';
import { matchEdit, type Edit } from '../mapped-text.ts';
import type { SpokenDate, SpokenLanguage, SpokenTime } from '../spoken-language.ts';

const FEMININE = /^(?:godzin|minut|sekund|ton|mil|uncj|stop|lir|rupi|koron|kopiej)/u;
const MONTH_DAY =
  /(?<![\p{L}\p{N}.,:/-])(\d{1,2}) (stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia)(?: (\d{4})(?: r\.| roku)?)?(?![\p{L}\p{N}])/gu;
const YEAR = /(?<![\p{L}\p{N}.,:/-])(\d{4}) (?:roku(?!\p{L})|r\.)/gu;

export const POLISH: SpokenLanguage = {
  locale: 'pl',
  space: ' ',
  cardinal: (digits) => toCardinal(digits),
  ordinal: (digits) => toOrdinal(digits),
  counted: (digits, noun) =>
    FEMININE.test(noun) && digits.length <= 3 ? feminineCardinal(digits) : toCardinal(digits),
  decimalMark: ',',
  groupMarks: ' .\\u00a0\\u202f',
  readsDecimalsWhole: true,
  words: {
    point: 'przecinek',
    minus: 'minus',
    plus: 'plus',
    times: 'razy',
    over: 'podzielić przez',
    equals: 'równa się',
    less: 'mniejsze niż',
    more: 'większe niż',
    about: 'około',
    to: 'do',
    and: 'i',
    per: 'na',
    ratio: 'do',
    number: 'numer',
    at: 'małpa',
    dot: 'kropka',
    slash: 'ukośnik',
    dash: 'myślnik',
  },
  fractions: {
    '1/2': 'jedna druga',
    '1/3': 'jedna trzecia',
    '2/3': 'dwie trzecie',
    '1/4': 'jedna czwarta',
    '3/4': 'trzy czwarte',
    '1/5': 'jedna piąta',
    '1/8': 'jedna ósma',
  },
  units: {
    'm²': 'metr kwadratowy/metry kwadratowe/metrów kwadratowych/metra kwadratowego',
    'km²':
      'kilometr kwadratowy/kilometry kwadratowe/kilometrów kwadratowych/kilometra kwadratowego',
    'm³': 'metr sześcienny/metry sześcienne/metrów sześciennych/metra sześciennego',
    mg: 'miligram/miligramy/miligramów/miligrama',
  },
  money: {
    USD: ['dolar/dolary/dolarów/dolara', 'cent/centy/centów/centa'],
    EUR: ['euro', 'cent/centy/centów/centa'],
    GBP: ['funt/funty/funtów/funta', 'pens/pensy/pensów/pensa'],
    JPY: ['jen/jeny/jenów/jena'],
    CNY: ['juan/juany/juanów/juana'],
    INR: ['rupia/rupie/rupii/rupii', 'pajs/pajsy/pajsów/pajsa'],
    KRW: ['won/wony/wonów/wona'],
    RUB: ['rubel/ruble/rubli/rubla', 'kopiejka/kopiejki/kopiejek/kopiejki'],
    TRY: ['lira/liry/lir/liry', 'kurusz/kurusze/kuruszy/kurusza'],
    PLN: ['złoty/złote/złotych/złotego', 'grosz/grosze/groszy/grosza'],
  },
  beforeRoman: '[Rr]ozdział|[Aa]kt|[Tt]om|[Cc]zęść|[Ww]iek',
  dateOrder: 'dmy',
  date: sayDate,
  time: sayTime,
  rules: [monthDays, years],
};

function* monthDays(text: string): Generator<Edit> {
  for (const match of text.matchAll(MONTH_DAY)) {
    const [, day = '', month = '', year] = match;
    if (Number(day) < 1 || Number(day) > 31) continue;
    const said = `${genitive(day)} ${month}`;
    yield matchEdit(match, year === undefined ? said : `${said} ${genitive(year)} roku`);
  }
}

function* years(text: string): Generator<Edit> {
  for (const match of text.matchAll(YEAR)) {
    const stop =
      match[0].endsWith('.') && /^\s*$/u.test(text.slice(match.index + match[0].length)) ? '.' : '';
    const isWithin = /(?:^|[^\p{L}])w\s$/iu.test(beforeOf(match));
    const said = isWithin ? locative(match[1] ?? '') : genitive(match[1] ?? '');
    yield matchEdit(match, `${said} roku${stop}`);
  }
}

function sayDate({ day, month, year }: SpokenDate): string {
  const said = `${genitive(String(day))} ${monthName(month, POLISH)}`;
  return year === undefined ? said : `${said} ${genitive(year)} roku`;
}

/** Of an ordinal: `drugiego`, `dwa tysiące dwudziestego szóstego`. */
function genitive(digits: string): string {
  return toOrdinal(String(Number(digits)))
    .replaceAll(/y(?= |$)/gu, 'ego')
    .replaceAll(/i(?= |$)/gu, 'iego');
}

/** Of an ordinal: `w dziewiątym`. */
function locative(digits: string): string {
  return toOrdinal(digits).replaceAll(/([yi])(?= |$)/gu, '$1m');
}

function feminineCardinal(digits: string): string {
  return toCardinal(digits, { gender: 'feminine' });
}

/** Hours are ordinals in the feminine: `czternasta trzydzieści`, `o czternastej`. */
function sayTime({ hour, minute, second, before }: SpokenTime): string {
  const ending = /(?:^|[^\p{L}])(?:o|po|przed|do|od|około)\s$/iu.test(before) ? 'ej' : 'a';
  const soft = ending === 'ej' ? 'iej' : 'ia';
  const hours =
    hour === 0
      ? 'zero'
      : toOrdinal(hour)
          .replaceAll(/gi(?= |$)/gu, ending === 'ej' ? 'giej' : 'ga')
          .replaceAll(/y(?= |$)/gu, ending)
          .replaceAll(/i(?= |$)/gu, soft);
  const zero = minute > 0 && minute < 10 ? ' zero' : '';
  const minutes = minute === 0 ? '' : `${zero} ${toCardinal(minute)}`;
  const seconds = second === 0 ? '' : ` i ${toCardinal(second)} sekund`;
  return hours + minutes + seconds;
}
