/** Markdown that is told by its lines: headings, lists, quotes, tables, rules and code fences. */
import type { Edit } from './mapped-text.ts';

interface Line {
  readonly start: number;
  /** Without the line end. */
  readonly text: string;
}

const FENCE = /^ {0,3}(?:`{3}|~{3})/u;
const QUOTE = /^[ \t]*(?:>[ \t]?)+/u;
const BULLET = /^[ \t]*[-*+•‣◦▪][ \t]+(?:\[[ xX]\][ \t]+)?/u;
const NUMBERED = /^[ \t]*(\d{1,2})([.)])[ \t]+(?=\S)/u;
const HEADING = /^ {0,3}#{1,6}[ \t]+/u;
/** Only with an address: `[laughs]: ha` is no definition. */
const DEFINITION = /^ {0,3}\[[^\]\n]{1,60}\]:[ \t]*<?(?:https?:|mailto:|www\.|[/.#])\S*/u;

/** What takes these marks out, and ends with a stop what stood on a line of its own. */
export function* lineMarkup(text: string): Generator<Edit> {
  const lines = linesOf(text);
  let isCode = false;
  for (const [i, line] of lines.entries()) {
    if (FENCE.test(line.text)) {
      isCode = !isCode;
      yield removal(line, 0, line.text.length);
    } else if (!isCode) yield* markupOf(line, lines[i - 1], lines[i + 1]);
  }
}

function* markupOf(line: Line, before: Line | undefined, after: Line | undefined): Generator<Edit> {
  const { text } = line;
  if (isRule(text) || isTableRule(text) || DEFINITION.test(text)) {
    yield removal(line, 0, text.length);
    return;
  }
  if (isTableRow(text)) {
    yield* tableRow(line);
    return;
  }
  const quote = QUOTE.exec(text)?.[0].length ?? 0;
  const rest = text.slice(quote);
  const bullet = BULLET.exec(rest)?.[0].length ?? 0;
  const heading = HEADING.exec(rest.slice(bullet))?.[0].length ?? 0;
  const marks = quote + bullet + heading;
  if (marks > 0) yield removal(line, 0, marks);
  const isNumbered = bullet === 0 && isInList(line, before, after);
  if (isNumbered) yield colonAfterNumber(line);
  const isUnderlined = after !== undefined && /^ {0,3}(?:=+|-{2,})[ \t]*$/u.test(after.text);
  if (bullet > 0 || heading > 0 || isNumbered || isUnderlined) yield* lineEnd(line, heading > 0);
}

/** A list has more than one: a line that begins with a number may be a sentence that does. */
function isInList(line: Line, before: Line | undefined, after: Line | undefined): boolean {
  const number = listNumber(line);
  return number !== null && (listNumber(before) === number - 1 || listNumber(after) === number + 1);
}

function listNumber(line: Line | undefined): number | null {
  const digits = line === undefined ? undefined : NUMBERED.exec(line.text)?.[1];
  return digits === undefined ? null : Number(digits);
}

function colonAfterNumber(line: Line): Edit {
  const delimiter = line.start + line.text.search(/[.)]/u);
  return { start: delimiter, end: delimiter + 1, text: ':' };
}

/** Takes out white space, and a heading's closing marks, and puts a stop where there is none. */
function* lineEnd({ start, text }: Line, isHeading: boolean): Generator<Edit> {
  let end = text.trimEnd().length;
  if (isHeading) {
    while (text[end - 1] === '#') end -= 1;
    end = text.slice(0, end).trimEnd().length;
  }
  yield { start: start + end, end: start + text.length, text: sentenceEndFor(text.slice(0, end)) };
}

function* tableRow({ start, text }: Line): Generator<Edit> {
  const first = text.indexOf('|');
  const last = text.lastIndexOf('|');
  const cells = text.slice(first + 1, last).split('|');
  let at = start + first + 1;
  let markStart = start;
  for (const cell of cells) {
    const leading = cell.length - cell.trimStart().length;
    yield { start: markStart, end: at + leading, text: markStart === start ? '' : ', ' };
    markStart = at + Math.max(leading, cell.trimEnd().length);
    at += cell.length + 1;
  }
  yield { start: markStart, end: start + text.length, text: sentenceEndFor(cells.join(' ')) };
}

/** The stop of the script that a line is written in, or nothing where it has one or nothing to end. */
function sentenceEndFor(line: string): string {
  if (!/[\p{L}\p{N}]/u.test(line)) return '';
  const content = line.replace(
    /[\s*_~`"'’”»)\]\p{Extended_Pictographic}\p{Emoji_Modifier}\p{RI}\ufe0f\u200d]{1,20}$/u,
    '',
  );
  if (/[.!?…:;,。！？：；，।॥؟]$/u.test(content)) return '';
  if (/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]$/u.test(content)) return '。';
  return /\p{sc=Devanagari}$/u.test(content) ? '।' : '.';
}

/** Three or more of one mark and nothing else, or what underlines a heading. */
function isRule(line: string): boolean {
  const marks = line.replaceAll(/[ \t]/gu, '');
  const [first = ''] = marks;
  return marks.length >= 3 && '-*_='.includes(first) && marks === first.repeat(marks.length);
}

function isTableRule(line: string): boolean {
  return line.includes('|') && line.includes('-') && /^[|:\- \t]+$/u.test(line);
}

function isTableRow(line: string): boolean {
  const row = line.trim();
  return row.length > 2 && row.startsWith('|') && row.endsWith('|');
}

function linesOf(text: string): Line[] {
  let start = 0;
  return text.split('\n').map((raw) => {
    const line = { start, text: raw.endsWith('\r') ? raw.slice(0, -1) : raw };
    start += raw.length + 1;
    return line;
  });
}

function removal({ start }: Line, from: number, to: number): Edit {
  return { start: start + from, end: start + to, text: '' };
}
