/** Japanese. */
import { toCardinal } from 'n2words/ja-JP';
import type { SpokenLanguage, SpokenTime } from '../spoken-language.ts';

export const JAPANESE: SpokenLanguage = {
  locale: 'ja',
  space: '',
  cardinal: (digits) => toCardinal(digits),
  ordinal: (digits) => `第${toCardinal(digits)}`,
  decimalMark: '.',
  groupMarks: ',',
  words: {
    point: '点',
    minus: 'マイナス',
    plus: 'プラス',
    times: 'かける',
    over: '割る',
    equals: 'イコール',
    less: '小なり',
    more: '大なり',
    about: '約',
    to: 'から',
    and: 'と',
    ratio: '対',
    number: 'ナンバー',
    at: 'アットマーク',
    dot: 'ドット',
    slash: 'スラッシュ',
    dash: 'ハイフン',
  },
  fractions: {
    '1/2': '二分の一',
    '1/3': '三分の一',
    '2/3': '三分の二',
    '1/4': '四分の一',
    '3/4': '四分の三',
    '1/5': '五分の一',
    '1/8': '八分の一',
  },
  units: {
    'm²': '平方メートル',
    'km²': '平方キロメートル',
    'm³': '立方メートル',
    mg: 'ミリグラム',
  },
  money: {
    USD: ['ドル', 'セント'],
    EUR: ['ユーロ', 'セント'],
    GBP: ['ポンド', 'ペンス'],
    JPY: ['円'],
    CNY: ['元'],
    INR: ['ルピー', 'パイサ'],
    KRW: ['ウォン'],
    RUB: ['ルーブル', 'コペイカ'],
  },
  percent: '#パーセント',
  dateOrder: 'ymd',
  date: ({ day, month, year }) =>
    `${year === undefined ? '' : `${toCardinal(year)}年`}${toCardinal(month)}月${toCardinal(day)}日`,
  time: sayTime,
};

function sayTime({ hour, minute, second }: SpokenTime): string {
  const minutes = minute === 0 ? '' : `${toCardinal(minute)}分`;
  return `${toCardinal(hour)}時${minutes}${second === 0 ? '' : `${toCardinal(second)}秒`}`;
}
