/** Hindi. */
import { toCardinal, toOrdinal } from 'n2words/hi-IN';
import { monthName } from '../dates.ts';
import type { SpokenLanguage, SpokenTime } from '../spoken-language.ts';

export const HINDI: SpokenLanguage = {
  locale: 'hi',
  space: ' ',
  cardinal: (digits) => toCardinal(digits),
  ordinal: (digits, mark) => toOrdinal(digits).replace(/ा$/u, mark.endsWith('ी') ? 'ी' : 'ा'),
  decimalMark: '.',
  groupMarks: ',\\u00a0',
  hasLakhs: true,
  words: {
    point: 'दशमलव',
    minus: 'माइनस',
    plus: 'प्लस',
    times: 'गुणा',
    over: 'भाग',
    equals: 'बराबर',
    less: 'से कम',
    more: 'से ज़्यादा',
    about: 'लगभग',
    to: 'से',
    and: 'और',
    number: 'नंबर',
    at: 'ऐट',
    dot: 'डॉट',
    slash: 'स्लैश',
    dash: 'डैश',
  },
  fractions: {
    '1/2': 'आधा',
    '1/3': 'एक तिहाई',
    '2/3': 'दो तिहाई',
    '1/4': 'एक चौथाई',
    '3/4': 'तीन चौथाई',
  },
  units: {
    'm²': 'वर्ग मीटर',
    'km²': 'वर्ग किलोमीटर',
    'm³': 'घन मीटर',
    mg: 'मिलीग्राम',
  },
  money: {
    USD: ['डॉलर', 'सेंट'],
    EUR: ['यूरो', 'सेंट'],
    GBP: ['पाउंड', 'पेंस'],
    JPY: ['येन'],
    CNY: ['युआन'],
    INR: ['रुपया/रुपये', 'पैसा/पैसे'],
    KRW: ['वॉन'],
    RUB: ['रूबल', 'कोपेक'],
  },
  ordinalMarks: 'वाँ|वां|वीं|वी|ला|ली|रा|री|था|थी|ठा|ठी',
  dateOrder: 'dmy',
  date: ({ day, month, year }) =>
    `${toCardinal(day)} ${monthName(month, HINDI)}${year === undefined ? '' : ` ${toCardinal(year)}`}`,
  time: sayTime,
  afterTime: 'बजे(?!\\p{L})',
};

function sayTime({ hour, minute, isHalfDay }: SpokenTime): string {
  if (minute === 0) return isHalfDay ? toCardinal(hour) : `${toCardinal(hour)} बजे`;
  return `${toCardinal(hour)} बजकर ${toCardinal(minute)} मिनट`;
}
