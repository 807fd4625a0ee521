/** Dates in digits: `2026-11-23`, `11/23/2026`, `23.11.2026`. Those with names of months belong to the languages. */
import { matchEdit, type Rule } from './mapped-text.ts';
import type { SpokenLanguage } from './spoken-language.ts';

const YEAR_FIRST =
  /(?<![\p{sc=Latin}\p{sc=Cyrl}\p{N}./-])(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?:T(?=\d\d:)|(?![\p{N}/-]))/gu;
const YEAR_LAST =
  /(?<![\p{sc=Latin}\p{sc=Cyrl}\p{N}./-])(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})(?![\p{N}/-]|\.\d)/gu;

/** Text before a date that a language may look at, in code units. */
const BEFORE = 12;

/** Rule for dates in digits. */
export function dates(language: SpokenLanguage): Rule {
  return function* datesIn(text) {
    for (const match of text.matchAll(YEAR_FIRST)) {
      const [, year = '', , month, day] = match;
      const said = sayDate(
        language,
        { year, month: Number(month), day: Number(day) },
        beforeOf(match),
      );
      if (said !== null) yield matchEdit(match, match[0].endsWith('T') ? `${said} ` : said);
    }
    for (const match of text.matchAll(YEAR_LAST)) {
      const [, first, mark, second, year = ''] = match;
      // two digits of a year only where nothing else is written so: 1.2.34 is a version
      if (year.length === 2 && mark !== '/') continue;
      const isMonthFirst =
        language.dateOrder === 'mdy' && mark === '/' ? Number(first) <= 12 : Number(second) > 12;
      const [month, day] = isMonthFirst ? [first, second] : [second, first];
      const full = year.length === 2 ? `${Number(year) < 70 ? '20' : '19'}${year}` : year;
      const said = sayDate(
        language,
        { year: full, month: Number(month), day: Number(day) },
        beforeOf(match),
      );
      if (said !== null) yield matchEdit(match, said);
    }
  };
}

/** The name of a month, 1..12, as it stands beside a day. */
export function monthName(month: number, { locale }: SpokenLanguage): string {
  const parts = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  }).formatToParts(Date.UTC(2000, month - 1, 1));
  return parts.find(({ type }) => type === 'month')?.value ?? '';
}

/** The text just before a match. */
export function beforeOf(match: RegExpExecArray): string {
  return match.input.slice(Math.max(0, match.index - BEFORE), match.index);
}

interface Day {
  readonly year: string;
  readonly month: number;
  readonly day: number;
}

function sayDate(
  language: SpokenLanguage,
  { year, month, day }: Day,
  before: string,
): string | null {
  const date = new Date(Date.UTC(2000, month - 1, day));
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isDay ? language.date({ year, month, day, before }) : null;
}
