/** Chinese, in simplified characters. */
import { toCardinal } from 'n2words/zh-Hans-CN';
import { matchEdit, type Edit } from '../mapped-text.ts';
import type { SpokenLanguage, SpokenTime } from '../spoken-language.ts';

const YEAR = /(?<![\p{N}.,])(\d{4})(?=年)/gu;
/** Two of something. */
const PAIR = /(?<![\p{N}.,])2(?=[ ]?[个個位只本张張次天年人杯块件条條点點瓶种種家])/gu;

export const CHINESE: SpokenLanguage = {
  locale: 'zh',
  space: '',
  cardinal,
  ordinal: (digits) => `第${cardinal(digits)}`,
  decimalMark: '.',
  groupMarks: ',',
  words: {
    point: '点',
    minus: '负',
    plus: '加',
    times: '乘',
    over: '除以',
    equals: '等于',
    less: '小于',
    more: '大于',
    about: '约',
    to: '到',
    and: '又',
    per: '每',
    ratio: '比',
    number: '第',
    at: '艾特',
    dot: '点',
    slash: '斜杠',
    dash: '横杠',
  },
  fractions: {
    '1/2': '二分之一',
    '1/3': '三分之一',
    '2/3': '三分之二',
    '1/4': '四分之一',
    '3/4': '四分之三',
    '1/5': '五分之一',
    '1/8': '八分之一',
  },
  units: {
    'm²': '平方米',
    'km²': '平方公里',
    'm³': '立方米',
    mg: '毫克',
  },
  money: {
    USD: ['美元'],
    EUR: ['欧元'],
    GBP: ['英镑'],
    JPY: ['日元'],
    CNY: ['元'],
    INR: ['卢比'],
    KRW: ['韩元'],
    RUB: ['卢布'],
  },
  percent: '百分之#',
  dateOrder: 'ymd',
  date: ({ day, month, year }) =>
    `${year === undefined ? '' : `${sayYear(year)}年`}${cardinal(String(month))}月${cardinal(String(day))}日`,
  time: sayTime,
  rules: [years, pairs],
};

function* years(text: string): Generator<Edit> {
  for (const match of text.matchAll(YEAR)) yield matchEdit(match, sayYear(match[0]));
}

function* pairs(text: string): Generator<Edit> {
  for (const match of text.matchAll(PAIR)) yield matchEdit(match, '两');
}

/** In everyday characters; ten is said without the one. */
function cardinal(digits: string): string {
  return toCardinal(digits, { formal: false }).replace(/^一十/u, '十');
}

/** Digit by digit. */
function sayYear(digits: string): string {
  return Array.from(digits, (digit) => cardinal(digit)).join('');
}

function sayTime({ hour, minute, second }: SpokenTime): string {
  const hours = hour === 2 ? '两' : cardinal(String(hour));
  const zero = minute > 0 && minute < 10 ? '零' : '';
  const minutes = minute === 0 ? '' : `${zero}${cardinal(String(minute))}分`;
  return `${hours}点${minutes}${second === 0 ? '' : `${cardinal(String(second))}秒`}`;
}
