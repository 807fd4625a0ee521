/** French. */
import { toCardinal, toOrdinal } from 'n2words/fr-FR';
import { monthName } from '../dates.ts';
import { matchEdit, type Edit } from '../mapped-text.ts';
import { romanValue } from '../roman.ts';
import type { SpokenLanguage, SpokenTime } from '../spoken-language.ts';

const FEMININE =
  /^(?:heure|minute|seconde|tonne|livre|once|semaine|année|roupie|lire|couronne|kopeck)/u;
const ROMAN_ORDINAL = /(?<![\p{L}\p{N}])([IVX]{1,6})(er|ère|re|e|ème|ᵉ)(?![\p{L}\p{N}])/gu;

export const FRENCH: SpokenLanguage = {
  locale: 'fr',
  space: ' ',
  cardinal: (digits) => toCardinal(digits),
  ordinal: sayOrdinal,
  counted: (digits, noun) => {
    const said = toCardinal(digits);
    return FEMININE.test(noun) ? said.replace(/(?<![\p{L}])un$/u, 'une') : said;
  },
  decimalMark: ',',
  groupMarks: ' .\\u00a0\\u202f',
  readsDecimalsWhole: true,
  readsPairs: true,
  words: {
    point: 'virgule',
    minus: 'moins',
    plus: 'plus',
    times: 'fois',
    over: 'divisé par',
    equals: 'égale',
    less: 'inférieur à',
    more: 'supérieur à',
    about: 'environ',
    to: 'à',
    and: 'et',
    per: 'par',
    ratio: 'à',
    number: 'numéro',
    at: 'arobase',
    dot: 'point',
    slash: 'slash',
    dash: 'tiret',
  },
  fractions: {
    '1/2': 'un demi',
    '1/3': 'un tiers',
    '2/3': 'deux tiers',
    '1/4': 'un quart',
    '3/4': 'trois quarts',
    '1/5': 'un cinquième',
    '1/8': 'un huitième',
  },
  units: {
    'm²': 'mètre carré/mètres carrés',
    'km²': 'kilomètre carré/kilomètres carrés',
    'm³': 'mètre cube/mètres cubes',
    mg: 'milligramme/milligrammes',
  },
  money: {
    USD: ['dollar/dollars', 'cent/cents'],
    EUR: ['euro/euros', 'centime/centimes'],
    GBP: ['livre/livres', 'penny/pence'],
    JPY: ['yen/yens'],
    CNY: ['yuan/yuans'],
    INR: ['roupie/roupies', 'paisa'],
    KRW: ['won/wons'],
    RUB: ['rouble/roubles', 'kopeck/kopecks'],
    TRY: ['livre turque/livres turques', 'kuruş'],
    PLN: ['zloty/zlotys', 'grosz'],
    CHF: ['franc suisse/francs suisses', 'centime/centimes'],
  },
  moneyLink: ' et ',
  millionLink: "de |d'",
  ordinalMarks: 'ers?|res?|ères?|e|es|ᵉ|èmes?|emes?|nde?',
  beforeRoman:
    '[Cc]hapitre|[Aa]cte|[Tt]ome|[Pp]artie|[Ll]ivre|[Aa]rticle|Louis|Charles|Henri|Philippe|Napoléon',
  dateOrder: 'dmy',
  date: ({ day, month, year }) =>
    [
      day === 1 ? 'premier' : toCardinal(day),
      monthName(month, FRENCH),
      year === undefined ? '' : toCardinal(year),
    ]
      .join(' ')
      .trim(),
  time: sayTime,
  hourMark: 'h',
  rules: [romanOrdinals],
};

/** `XIXe siècle`. */
function* romanOrdinals(text: string): Generator<Edit> {
  for (const match of text.matchAll(ROMAN_ORDINAL)) {
    const value = romanValue(match[1] ?? '');
    if (value !== null) yield matchEdit(match, sayOrdinal(String(value), match[2] ?? ''));
  }
}

function sayOrdinal(digits: string, mark: string): string {
  if (digits === '1')
    return mark.startsWith('e') && !mark.startsWith('er') ? 'unième' : first(mark);
  if (digits === '2' && mark.startsWith('nd')) return mark === 'nde' ? 'seconde' : 'second';
  return toOrdinal(digits);
}

function first(mark: string): string {
  return `premi${/^[rè]/u.test(mark) ? 'ère' : 'er'}${mark.endsWith('s') ? 's' : ''}`;
}

function sayTime({ hour, minute, second, isHalfDay }: SpokenTime): string {
  if (isHalfDay && minute === 0) return toCardinal(hour);
  const hours = `${feminine(hour)} ${hour < 2 ? 'heure' : 'heures'}`;
  const minutes = minute === 0 ? '' : ` ${feminine(minute)}`;
  const seconds =
    second === 0 ? '' : ` et ${feminine(second)} ${second < 2 ? 'seconde' : 'secondes'}`;
  return hours + minutes + seconds;
}

function feminine(value: number): string {
  return toCardinal(value).replace(/(?<!\p{L})un$/u, 'une');
}
