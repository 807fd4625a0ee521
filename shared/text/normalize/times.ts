/** Times of day: `14:30`, `2:05 pm`, `7pm`, `14h30`. */
import { beforeOf } from './dates.ts';
import { matchEdit, type Rule } from './mapped-text.ts';
import type { SpokenLanguage } from './spoken-language.ts';

const HALF_DAY = '[ \\u00a0\\u202f]?([aApP]\\.?[mM]\\b)';

/** Rule for times. */
export function times(language: SpokenLanguage): Rule {
  const after = language.afterTime ?? '(?!)';
  const mark = language.hourMark ?? '(?!)';
  const clock = `([01]?\\d|2[0-4])(?::|\\.(?=[0-5]\\d[ \\u00a0]?(?:${after})))([0-5]\\d)(?::([0-5]\\d))?(?![\\d:]|[.,]\\d)Z?(?:${HALF_DAY}|[ \\u00a0]?(?:${after}))?`;
  const hour = `(1[0-2]|[1-9])${HALF_DAY}`;
  const marked = `([01]?\\d|2[0-4])[ \\u00a0]?${mark}(?:[ \\u00a0]?([0-5]\\d))?(?![\\p{sc=Latin}\\p{sc=Cyrl}\\p{N}])`;
  const pattern = new RegExp(
    `(?<![\\p{sc=Latin}\\p{sc=Cyrl}\\p{N}:.,/-])(?:${clock}|${hour}|${marked})`,
    'gu',
  );
  return function* timesIn(text) {
    for (const match of text.matchAll(pattern)) {
      const [
        ,
        clockHour,
        clockMinute,
        second,
        clockHalf,
        wholeHour,
        wholeHalf,
        markHour,
        markMinute,
      ] = match;
      const half = clockHalf ?? wholeHalf;
      const said = language.time({
        hour: Number(clockHour ?? wholeHour ?? markHour),
        minute: Number(clockMinute ?? markMinute ?? 0),
        second: Number(second ?? 0),
        isHalfDay: half !== undefined,
        before: beforeOf(match),
      });
      yield matchEdit(
        match,
        half === undefined ? said : `${said} ${half.includes('.') ? half : half.toUpperCase()}`,
      );
    }
  };
}
