/** Bark's stage directions: `[laughs]` and lyrics between notes. Whatever cuts a text leaves them whole. */

/** Where something lies in a text, in code units: from `start`, before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Longer brackets are no direction but text. */
const CUE = /\[[^[\]\n]{1,60}\]/gu;

/** Longer songs are cut like text; a verse fits. */
const LYRIC = /[♪♫][^♪♫]{1,400}[♪♫]/gu;

const BLANK_LINE = /\n[^\S\n]*\r?\n/u;

/** Bracketed directions such as `[clears throat]`, in order. */
export function findCues(text: string): Span[] {
  return spansOf(text, CUE);
}

/** Lyrics with both of their notes, in order; a blank line ends any song. */
export function findLyrics(text: string): Span[] {
  return spansOf(text, LYRIC).filter(({ start, end }) => !BLANK_LINE.test(text.slice(start, end)));
}

/** The text without its bracketed directions: what is said rather than done. */
export function withoutCues(text: string): string {
  return text.replaceAll(CUE, ' ');
}

/** Says of ascending positions whether one lies inside a span; asks must not go back. */
export function insideSpans(spans: readonly Span[]): (at: number) => boolean {
  const ordered = spans.toSorted((a, b) => a.start - b.start);
  let next = 0;
  let end = 0;
  return (at) => {
    for (let span = ordered[next]; span !== undefined && span.start < at; span = ordered[next]) {
      end = Math.max(end, span.end);
      next += 1;
    }
    return at < end;
  };
}

function spansOf(text: string, pattern: RegExp): Span[] {
  return Array.from(text.matchAll(pattern), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
}
