/** Korean. */
import { toCardinal, toOrdinal } from 'n2words/ko-KR';
import { matchEdit, type Edit } from '../mapped-text.ts';
import type { SpokenLanguage, SpokenTime } from '../spoken-language.ts';

const NATIVE_UNITS = ['', '한', '두', '세', '네', '다섯', '여섯', '일곱', '여덟', '아홉'];
const NATIVE_TENS = ['', '열', '스물', '서른', '마흔', '쉰', '예순', '일흔', '여든', '아흔'];
/** What is counted in native numbers. */
const COUNTED =
  /(?<![\p{L}\p{N}.,])(\d{1,2}) ?(시간|시|개|명|살|마리|잔|병|권|대|장|달|가지|사람)/gu;
const MONTH = /(?<![\p{N}.,])(\d{1,2})월/gu;

export const KOREAN: SpokenLanguage = {
  locale: 'ko',
  space: ' ',
  cardinal: (digits) => toCardinal(digits),
  ordinal: (digits) => toOrdinal(digits),
  decimalMark: '.',
  groupMarks: ',',
  words: {
    point: '점',
    minus: '마이너스',
    plus: '더하기',
    times: '곱하기',
    over: '나누기',
    equals: '이퀄',
    less: '보다 작은',
    more: '보다 큰',
    about: '약',
    to: '에서',
    and: '과',
    ratio: '대',
    number: '번호',
    at: '골뱅이',
    dot: '점',
    slash: '슬래시',
    dash: '하이픈',
  },
  fractions: {
    '1/2': '이분의 일',
    '1/3': '삼분의 일',
    '2/3': '삼분의 이',
    '1/4': '사분의 일',
    '3/4': '사분의 삼',
    '1/5': '오분의 일',
    '1/8': '팔분의 일',
  },
  units: {
    'm²': '제곱미터',
    'km²': '제곱킬로미터',
    'm³': '세제곱미터',
    mg: '밀리그램',
  },
  money: {
    USD: ['달러', '센트'],
    EUR: ['유로', '센트'],
    GBP: ['파운드', '펜스'],
    JPY: ['엔'],
    CNY: ['위안'],
    INR: ['루피', '파이사'],
    KRW: ['원'],
    RUB: ['루블', '코펙'],
  },
  percent: '# 퍼센트',
  dateOrder: 'ymd',
  date: ({ day, month, year }) =>
    `${year === undefined ? '' : `${toCardinal(year)}년 `}${monthOf(month)} ${toCardinal(day)}일`,
  time: sayTime,
  rules: [counted, months],
};

function* counted(text: string): Generator<Edit> {
  for (const match of text.matchAll(COUNTED)) {
    const [, digits = '', noun = ''] = match;
    const said = noun === '시' && Number(digits) > 12 ? toCardinal(digits) : native(Number(digits));
    yield matchEdit(match, `${said} ${noun}`);
  }
}

function* months(text: string): Generator<Edit> {
  for (const match of text.matchAll(MONTH)) {
    const month = Number(match[1]);
    if (month >= 1 && month <= 12) yield matchEdit(match, monthOf(month));
  }
}

/** June and October lose a consonant. */
function monthOf(month: number): string {
  return `${{ 6: '유', 10: '시' }[month] ?? toCardinal(month)}월`;
}

/** Native numbers before a noun, 1..99. */
function native(value: number): string {
  if (value === 0) return toCardinal(0);
  if (value === 20) return '스무';
  return `${NATIVE_TENS[Math.floor(value / 10)] ?? ''}${NATIVE_UNITS[value % 10] ?? ''}`;
}

function sayTime({ hour, minute, second }: SpokenTime): string {
  const hours = hour >= 1 && hour <= 12 ? native(hour) : toCardinal(hour);
  const minutes = minute === 0 ? '' : ` ${toCardinal(minute)} 분`;
  return `${hours} 시${minutes}${second === 0 ? '' : ` ${toCardinal(second)} 초`}`;
}
