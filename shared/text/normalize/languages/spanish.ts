/** Spanish, as written in Spain. */
import { toCardinal, toOrdinal } from 'n2words/es-ES';
import { monthName } from '../dates.ts';
import type { SpokenLanguage, SpokenTime } from '../spoken-language.ts';

/** Spelt without its accent by the library. */
const ACCENTS: readonly (readonly [RegExp, string])[] = [
  [/\bdieciseis\b/gu, 'dieciséis'],
  [/\bveintidos\b/gu, 'veintidós'],
  [/\bveintitres\b/gu, 'veintitrés'],
  [/\bveintiseis\b/gu, 'veintiséis'],
];

/** By its ending; what is masculine in spite of it comes first. */
const FEMININE =
  /^(?!(?:d[ií]a|problema|sistema|programa|tema|mapa|idioma|clima|planeta|poema|kilogram|céntim)s?(?!\p{L}))\p{L}+(?:as?|ción|ciones|dad|dades)(?!\p{L})/u;

export const SPANISH: SpokenLanguage = {
  locale: 'es',
  space: ' ',
  cardinal: (digits) => cardinal(digits),
  ordinal: (digits, mark) =>
    toOrdinal(digits, {
      gender: mark.includes('ª') || mark.includes('a') ? 'feminine' : 'masculine',
    }),
  counted: (digits, noun) =>
    FEMININE.test(noun)
      ? accented(toCardinal(digits, { gender: 'feminine' }))
      : cardinal(digits)
          .replace(/veintiuno$/u, 'veintiún')
          .replace(/(?<!\p{L})uno$/u, 'un'),
  decimalMark: ',',
  groupMarks: ' .\\u00a0\\u202f',
  readsDecimalsWhole: true,
  words: {
    point: 'coma',
    minus: 'menos',
    plus: 'más',
    times: 'por',
    over: 'entre',
    equals: 'igual a',
    less: 'menor que',
    more: 'mayor que',
    about: 'aproximadamente',
    to: 'a',
    and: 'y',
    per: 'por',
    ratio: 'a',
    number: 'número',
    at: 'arroba',
    dot: 'punto',
    slash: 'barra',
    dash: 'guion',
  },
  fractions: {
    '1/2': 'medio',
    '1/3': 'un tercio',
    '2/3': 'dos tercios',
    '1/4': 'un cuarto',
    '3/4': 'tres cuartos',
    '1/5': 'un quinto',
    '1/8': 'un octavo',
  },
  units: {
    'm²': 'metro cuadrado/metros cuadrados',
    'km²': 'kilómetro cuadrado/kilómetros cuadrados',
    'm³': 'metro cúbico/metros cúbicos',
    mg: 'miligramo/miligramos',
  },
  money: {
    USD: ['dólar/dólares', 'centavo/centavos'],
    EUR: ['euro/euros', 'céntimo/céntimos'],
    GBP: ['libra/libras', 'penique/peniques'],
    JPY: ['yen/yenes'],
    CNY: ['yuan/yuanes'],
    INR: ['rupia/rupias', 'paisa/paisas'],
    KRW: ['won/wones'],
    RUB: ['rublo/rublos', 'kopek/kopeks'],
    TRY: ['lira/liras', 'kuruş'],
    PLN: ['esloti/eslotis', 'grosz'],
    MXN: ['peso/pesos', 'centavo/centavos'],
  },
  moneyLink: ' con ',
  millionLink: 'de ',
  ordinalMarks: '\\.?[ºª°]|\\.?er(?!\\p{L})',
  beforeRoman:
    '[Cc]apítulo|[Aa]cto|[Tt]omo|[Pp]arte|[Ll]ibro|[Ss]iglo|[Aa]rtículo|Alfonso|Luis|Carlos|Felipe|Juan Pablo|Benedicto',
  dateOrder: 'dmy',
  date: ({ day, month, year }) =>
    `${day === 1 ? 'primero' : cardinal(String(day))} de ${monthName(month, SPANISH)}${year === undefined ? '' : ` de ${cardinal(year)}`}`,
  time: sayTime,
  afterTime: 'h(?:oras?)?(?!\\p{L})',
};

function cardinal(digits: string): string {
  return accented(toCardinal(digits));
}

function accented(words: string): string {
  return ACCENTS.reduce((said, [pattern, word]) => said.replaceAll(pattern, word), words);
}

/** The hour is feminine: `la una`, `las veintiuna`. */
function sayTime({ hour, minute, second, isHalfDay }: SpokenTime): string {
  const hours = accented(toCardinal(hour, { gender: 'feminine' }));
  const seconds = second === 0 ? '' : ` y ${cardinal(String(second))} segundos`;
  if (minute === 0) return hours + (isHalfDay || hour <= 12 ? '' : ' horas') + seconds;
  return `${hours} ${minute < 10 ? 'cero ' : ''}${cardinal(String(minute))}${seconds}`;
}
