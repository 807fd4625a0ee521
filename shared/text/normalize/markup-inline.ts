/** Markdown and HTML within a line: links, code, emphasis, escapes, tags and entities. */
import { matchEdit, type Edit } from './mapped-text.ts';

/** An address in brackets: something with a slash, a dot, a colon or a fragment, so that `[sighs](softly)` is none. */
const LINK =
  /!?\[([^[\]\n]{0,500})\]\((<[^<>\n]{1,2000}>|[^\s()]{0,2000}[/.#:][^\s()]{0,2000})(?:[ \t]+"[^"\n]{0,500}")?\)/gu;
const FOOTNOTE = /\[\^[^[\]\n]{1,40}\]/gu;

/** Links and pictures as their words, footnote marks as nothing. */
export function* links(text: string): Generator<Edit> {
  for (const match of text.matchAll(LINK)) yield matchEdit(match, match[1] ?? '');
  for (const match of text.matchAll(FOOTNOTE)) yield matchEdit(match, '');
}

const CODE = /(`{1,3})([^`\n]{1,1000})\1/gu;

/** Code as its characters, tags in it as their names. */
export function* codeSpans(text: string): Generator<Edit> {
  for (const match of text.matchAll(CODE)) {
    yield matchEdit(match, (match[2] ?? '').replaceAll(/[<>]/gu, ' '));
  }
}

const INLINE_TAGS =
  'a|abbr|audio|b|big|break|cite|code|del|desc|dfn|em|emphasis|font|i|img|ins|kbd|lang|lexicon|mark|phoneme|prosody|q|s|samp|say-as|small|span|strong|sub|sup|time|token|u|var|voice|w';
const BLOCK_TAGS =
  'article|aside|blockquote|body|br|center|div|dd|dl|dt|footer|h[1-6]|head|header|hr|html|li|main|ol|p|paragraph|pre|s|section|sentence|speak|table|tbody|td|th|thead|title|tr|ul';
const TAG = new RegExp(
  `<!--[^<>]{0,1000}-->|</?(?:(${BLOCK_TAGS})|${INLINE_TAGS})(?:\\s{1,3}[\\w:-]{1,40}=(?:"[^"<>]{0,300}"|'[^'<>]{0,300}'|[^\\s"'<>]{1,300})){0,10}\\s{0,3}/?>`,
  'giu',
);

/** Tags of HTML and SSML as nothing, or as a new line where they set one. Other `<words>` are text. */
export function* tags(text: string): Generator<Edit> {
  for (const match of text.matchAll(TAG))
    yield matchEdit(match, match[1] === undefined ? '' : '\n');
}

/** `<https://...>` and `<name@host>`: the brackets are marks. */
const ADDRESS_BRACKETS = /<(?=(?:https?:\/\/|mailto:|[\w.+-]{1,64}@)[^\s<>]{1,2000}(>))/dgu;

export function* addressBrackets(text: string): Generator<Edit> {
  for (const match of text.matchAll(ADDRESS_BRACKETS)) {
    const [closeAt = 0] = match.indices?.[1] ?? [];
    yield matchEdit(match, '');
    yield { start: closeAt, end: closeAt + 1, text: '' };
  }
}

/** Those that texts copied from pages have. */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  euro: '€',
  pound: '£',
  yen: '¥',
  copy: '©',
  deg: '°',
};

/** Entities of HTML as the characters they stand for. */
export function* entities(text: string): Generator<Edit> {
  for (const match of text.matchAll(/&(?:#(\d{2,7})|#x([\da-f]{2,6})|([a-z]{2,6}));/giu)) {
    const [, decimal, hexadecimal, name] = match;
    const codePoint = decimal === undefined ? parseInt(hexadecimal ?? '', 16) : Number(decimal);
    const isText = codePoint >= 0x20 && codePoint <= 0x10ffff && !(codePoint >> 11 === 0x1b);
    const character =
      name === undefined ? isText && String.fromCodePoint(codePoint) : ENTITIES[name.toLowerCase()];
    if (typeof character === 'string') yield matchEdit(match, character);
  }
}

/** A backslash before a mark. */
export function* escapes(text: string): Generator<Edit> {
  for (const match of text.matchAll(/\\([\\`*_{}[\]()#+\-.!|<>~])/gu)) {
    yield matchEdit(match, match[1] ?? '');
  }
}

/** Emphasis is a run of one mark that opens before a word and one like it that closes after a word. */
export function* emphasis(text: string): Generator<Edit> {
  const open = new Map<string, number>();
  for (const match of text.matchAll(/\n[ \t]*\r?\n|\*{1,3}|_{1,3}|~~|`{1,3}/gu)) {
    const [run] = match;
    if (run.startsWith('\n')) {
      open.clear();
      continue;
    }
    const before = text[match.index - 1] ?? ' ';
    const after = text[match.index + run.length] ?? ' ';
    const openedAt = open.get(run);
    if (openedAt !== undefined && !/\s/u.test(before) && !isWordLike(after, run)) {
      open.delete(run);
      yield { start: openedAt, end: openedAt + run.length, text: '' };
      yield matchEdit(match, '');
    } else if (!/[\s*_~`]/u.test(after) && !isWordLike(before, run)) open.set(run, match.index);
  }
}

/** Whether a mark beside this character belongs to a word or sum: `snake_case`, `2*3`; `很**好**的` is emphasis. */
function isWordLike(character: string, run: string): boolean {
  return run.length > 1 && run[0] !== '_'
    ? /[0-9*_]/u.test(character)
    : /[\p{L}\p{N}*_]/u.test(character);
}
