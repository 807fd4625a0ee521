/** Russian. */
import { toCardinal, toOrdinal } from 'n2words/ru-RU';
import { beforeOf, monthName } from '../dates.ts';
import { matchEdit, type Edit } from '../mapped-text.ts';
import type { SpokenDate, SpokenLanguage, SpokenTime } from '../spoken-language.ts';

const FEMININE =
  /^(?:тонн|мил[яьи]|минут|секунд|копе|рупи|лир|вон|гривн|унци|иен|миллисекунд|пайс)/u;
const MONTH_DAY =
  /(?<![\p{L}\p{N}.,:/-])(\d{1,2}) (января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)(?: (\d{4})(?: г\.| года)?)?(?![\p{L}\p{N}])/gu;
const YEAR = /(?<![\p{L}\p{N}.,:/-])(\d{4}) (году|года|год|г\.)(?![\p{L}])/gu;

export const RUSSIAN: SpokenLanguage = {
  locale: 'ru',
  space: ' ',
  cardinal,
  ordinal: (digits, mark) => inflected(digits, mark.slice(1)),
  counted: (digits, noun) =>
    isFeminine(digits, noun) ? toCardinal(digits, { gender: 'feminine' }) : cardinal(digits),
  decimalMark: ',',
  groupMarks: ' .\\u00a0\\u202f',
  readsDecimalsWhole: true,
  words: {
    point: 'запятая',
    minus: 'минус',
    plus: 'плюс',
    times: 'умножить на',
    over: 'разделить на',
    equals: 'равно',
    less: 'меньше',
    more: 'больше',
    about: 'примерно',
    to: 'до',
    and: 'и',
    per: 'в',
    ratio: 'к',
    number: 'номер',
    at: 'собака',
    dot: 'точка',
    slash: 'слэш',
    dash: 'дефис',
  },
  fractions: {
    '1/2': 'одна вторая',
    '1/3': 'одна треть',
    '2/3': 'две трети',
    '1/4': 'одна четверть',
    '3/4': 'три четверти',
    '1/5': 'одна пятая',
    '1/8': 'одна восьмая',
  },
  units: {
    'm²': 'квадратный метр/квадратных метра/квадратных метров/квадратного метра',
    'km²': 'квадратный километр/квадратных километра/квадратных километров/квадратного километра',
    'm³': 'кубический метр/кубических метра/кубических метров/кубического метра',
    mg: 'миллиграмм/миллиграмма/миллиграммов/миллиграмма',
    'м²': 'квадратный метр/квадратных метра/квадратных метров/квадратного метра',
  },
  money: {
    USD: ['доллар/доллара/долларов/доллара', 'цент/цента/центов/цента'],
    EUR: ['евро', 'цент/цента/центов/цента'],
    GBP: ['фунт/фунта/фунтов/фунта', 'пенс/пенса/пенсов/пенса'],
    JPY: ['иена/иены/иен/иены'],
    CNY: ['юань/юаня/юаней/юаня'],
    INR: ['рупия/рупии/рупий/рупии', 'пайса/пайсы/пайс/пайсы'],
    KRW: ['вона/воны/вон/воны'],
    RUB: ['рубль/рубля/рублей/рубля', 'копейка/копейки/копеек/копейки'],
    TRY: ['лира/лиры/лир/лиры', 'куруш/куруша/курушей/куруша'],
    PLN: ['злотый/злотых/злотых/злотого', 'грош/гроша/грошей/гроша'],
  },
  ordinalMarks: '-(?:ый|ий|ой|й|ая|я|ое|е|ого|го|ому|му|ым|ом|м|х|ую|ю)',
  beforeRoman: '[Гг]лава|[Тт]ом|[Чч]асть|[Аа]кт',
  dateOrder: 'dmy',
  date: sayDate,
  time: sayTime,
  rules: [monthDays, years],
};

function* monthDays(text: string): Generator<Edit> {
  for (const match of text.matchAll(MONTH_DAY)) {
    const [, day = '', month = '', year] = match;
    if (Number(day) < 1 || Number(day) > 31) continue;
    const said = `${inflected(day, caseOf(beforeOf(match)))} ${month}`;
    yield matchEdit(match, year === undefined ? said : `${said} ${inflected(year, 'го')} года`);
  }
}

const YEAR_ENDINGS: Readonly<Record<string, string>> = { году: 'м', года: 'го', год: 'й' };

function* years(text: string): Generator<Edit> {
  for (const match of text.matchAll(YEAR)) {
    const [, digits = '', word = ''] = match;
    const noun = word === 'г.' ? 'год' : word;
    const stop =
      word === 'г.' && /^\s*$/u.test(text.slice(match.index + match[0].length)) ? '.' : '';
    yield matchEdit(match, `${inflected(digits, YEAR_ENDINGS[noun] ?? 'й')} ${noun}${stop}`);
  }
}

function sayDate({ day, month, year, before }: SpokenDate): string {
  const said = `${inflected(String(day), caseOf(before))} ${monthName(month, RUSSIAN)}`;
  return year === undefined ? said : `${said} ${inflected(year, 'го')} года`;
}

/** Nominative where a sentence begins with the date, else the day on which something is. */
function caseOf(before: string): string {
  return /(?:^|[.!?—:(\n]|сегодня|завтра|вчера)\s*$/iu.test(before) ? 'е' : 'го';
}

/** By a stem, or by the ending that a noun has after this number. */
function isFeminine(digits: string, noun: string): boolean {
  if (FEMININE.test(noun)) return true;
  if (/1[12]$/u.test(digits)) return false;
  return digits.endsWith('1') ? /[ая]$/u.test(noun) : digits.endsWith('2') && /[иы]$/u.test(noun);
}

/** One thousand is said without the one. */
function cardinal(digits: string): string {
  return toCardinal(digits).replace(/^одна тысяча/u, 'тысяча');
}

/** An ordinal with the ending that these letters stand for: `й`, `я`, `е`, `го`, `му`, `м`, `х`, `ю`. */
function inflected(digits: string, ending: string): string {
  const said = toOrdinal(String(Number(digits))).replace(/^одна тысяча/u, 'тысяча');
  const last = ending.replace(/^[ыиоау](?=.)/u, '').at(-1) ?? 'й';
  const endings = said.endsWith('третий') ? THIRD : ENDINGS;
  const chosen = endings[ending.length > 1 && 'оу'.includes(last) ? ending.slice(-2) : last];
  return chosen === undefined ? said : said.replace(/(?:ый|ий|ой)$/u, chosen);
}

const ENDINGS: Readonly<Record<string, string>> = {
  я: 'ая',
  е: 'ое',
  го: 'ого',
  му: 'ому',
  м: 'ом',
  х: 'ых',
  ю: 'ую',
};
const THIRD: Readonly<Record<string, string>> = {
  я: 'ья',
  е: 'ье',
  го: 'ьего',
  му: 'ьему',
  м: 'ьем',
  х: 'ьих',
  ю: 'ью',
};

function sayTime({ hour, minute, second }: SpokenTime): string {
  const zero = minute > 0 && minute < 10 ? ' ноль' : '';
  const hours = minute === 0 ? ` ${hourNoun(hour)}` : '';
  const minutes = minute === 0 ? '' : `${zero} ${toCardinal(minute)}`;
  const seconds = second === 0 ? '' : ` и ${toCardinal(second, { gender: 'feminine' })} сек.`;
  return toCardinal(hour) + hours + minutes + seconds;
}

function hourNoun(hour: number): string {
  const category = new Intl.PluralRules('ru').select(hour);
  return category === 'one' ? 'час' : category === 'few' ? 'часа' : 'часов';
}
