/** Portuguese, as spoken in Brazil. */
import { toCardinal, toOrdinal } from 'n2words/pt-PT';
import { monthName } from '../dates.ts';
import type { SpokenLanguage, SpokenTime } from '../spoken-language.ts';

/** By its ending; what is masculine in spite of it comes first. */
const FEMININE =
  /^(?!(?:dia|problema|sistema|programa|tema|mapa|idioma|clima|planeta|poema)s?(?!\p{L}))\p{L}+(?:as?|ção|ções|dade|dades)(?!\p{L})/u;

export const PORTUGUESE: SpokenLanguage = {
  locale: 'pt',
  space: ' ',
  cardinal,
  ordinal: (digits, mark) => {
    const said = toOrdinal(digits);
    return /[ªa]/u.test(mark) ? said.replaceAll(/o(?= |$)/gu, 'a') : said;
  },
  counted: (digits, noun) => {
    const said = cardinal(digits);
    if (!FEMININE.test(noun)) return said;
    return said
      .replaceAll('entos', 'entas')
      .replace(/(?<!\p{L})um$/u, 'uma')
      .replace(/(?<!\p{L})dois$/u, 'duas');
  },
  decimalMark: ',',
  groupMarks: ' .\\u00a0\\u202f',
  readsDecimalsWhole: true,
  words: {
    point: 'vírgula',
    minus: 'menos',
    plus: 'mais',
    times: 'vezes',
    over: 'dividido por',
    equals: 'igual a',
    less: 'menor que',
    more: 'maior que',
    about: 'aproximadamente',
    to: 'a',
    and: 'e',
    per: 'por',
    ratio: 'a',
    number: 'número',
    at: 'arroba',
    dot: 'ponto',
    slash: 'barra',
    dash: 'hífen',
  },
  fractions: {
    '1/2': 'meio',
    '1/3': 'um terço',
    '2/3': 'dois terços',
    '1/4': 'um quarto',
    '3/4': 'três quartos',
    '1/5': 'um quinto',
    '1/8': 'um oitavo',
  },
  units: {
    'm²': 'metro quadrado/metros quadrados',
    'km²': 'quilômetro quadrado/quilômetros quadrados',
    'm³': 'metro cúbico/metros cúbicos',
    mg: 'miligrama/miligramas',
  },
  money: {
    USD: ['dólar/dólares', 'centavo/centavos'],
    EUR: ['euro/euros', 'centavo/centavos'],
    GBP: ['libra/libras', 'pêni/pence'],
    JPY: ['iene/ienes'],
    CNY: ['yuan/yuans'],
    INR: ['rupia/rupias', 'paisa'],
    KRW: ['won/wons'],
    RUB: ['rublo/rublos', 'copeque/copeques'],
    TRY: ['lira/liras', 'kuruş'],
    PLN: ['zloty/zlotys', 'grosz'],
    BRL: ['real/reais', 'centavo/centavos'],
  },
  moneyLink: ' e ',
  millionLink: 'de ',
  ordinalMarks: '\\.?[ºª]|[oa]',
  beforeRoman: '[Cc]apítulo|[Aa]to|[Tt]omo|[Pp]arte|[Ll]ivro|[Ss]éculo|[Aa]rtigo',
  dateOrder: 'dmy',
  date: ({ day, month, year }) =>
    `${day === 1 ? 'primeiro' : cardinal(String(day))} de ${monthName(month, PORTUGUESE)}${year === undefined ? '' : ` de ${cardinal(year)}`}`,
  time: sayTime,
  hourMark: 'h',
};

/** The library speaks as in Portugal. */
function cardinal(digits: string): string {
  return toCardinal(digits)
    .replaceAll('dezasseis', 'dezesseis')
    .replaceAll('dezassete', 'dezessete')
    .replaceAll('dezanove', 'dezenove')
    .replaceAll('catorze', 'quatorze');
}

function sayTime({ hour, minute, second }: SpokenTime): string {
  const feminine = (value: number): string =>
    cardinal(String(value))
      .replace(/(?<!\p{L})um$/u, 'uma')
      .replace(/(?<!\p{L})dois$/u, 'duas');
  const hours = `${feminine(hour)} ${hour < 2 ? 'hora' : 'horas'}`;
  const minutes = minute === 0 ? '' : ` e ${cardinal(String(minute))}`;
  const seconds = second === 0 ? '' : ` e ${cardinal(String(second))} segundos`;
  return hours + minutes + seconds;
}
