/** Strings to try tokenizers on: sentences of 13 languages, and everything that may go wrong. The same seed, the same strings. */
import { randomIntegers } from '../bark-tiny/noise.ts';
import { LANGUAGES, type Language, sentencesOf } from './corpus.ts';

/** A string and what it was made to be: a language or a hostile kind. */
export interface Sample {
  readonly kind: string;
  readonly text: string;
}

type Below = (bound: number) => number;
type Ranges = readonly (readonly [first: number, last: number])[];

const SPECIAL_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

const PUNCTUATION = Array.from('.,;:!?…-–—\'"„“”«»¿¡()[]{}♪&/@#%*+=<>|~。、！？「」・।');

/** Written without spaces between words. */
const UNSPACED: ReadonlySet<string> = new Set(['ja', 'zh']);

const COMBINING: Ranges = [
  [0x300, 0x36f],
  [0x483, 0x489],
  [0x591, 0x5bd],
  [0x64b, 0x65f],
  [0x93a, 0x94d],
  [0xe31, 0xe4e],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x20d0, 0x20f0],
  [0x3099, 0x309a],
  [0xfe20, 0xfe2f],
  [0x1d165, 0x1d172],
];
const IDEOGRAPHS: Ranges = [
  [0x3400, 0x3410],
  [0x4db0, 0x4e10],
  [0x9ff0, 0xa010],
  [0xf900, 0xfaff],
  [0x20000, 0x20110],
  [0x2a6d0, 0x2a710],
  [0x2b810, 0x2b830],
  [0x2b910, 0x2b930],
  [0x2cea0, 0x2ceb0],
  [0x2f7f0, 0x2fa30],
  [0x30000, 0x30010],
];
const EMOJI: Ranges = [
  [0x1f300, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x1f3fb, 0x1f3ff],
  [0x1f1e6, 0x1f1ff],
  [0x2600, 0x27bf],
  [0x200d, 0x200d],
  [0xfe0e, 0xfe0f],
];
const CONTROLS: Ranges = [
  [0x0, 0x20],
  [0x7f, 0xa0],
  [0xad, 0xad],
  [0x1680, 0x1680],
  [0x180e, 0x180e],
  [0x2000, 0x200f],
  [0x2028, 0x202f],
  [0x205f, 0x2064],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
  [0xfff9, 0xffff],
];
const BIDI: Ranges = [
  // format characters that are younger than the tokenizer's table
  [0x890, 0x891],
  [0x8e2, 0x8e2],
  [0x13430, 0x1343f],
  [0x5d0, 0x5ea],
  [0x600, 0x6ff],
  [0x200e, 0x200f],
  [0x202a, 0x202e],
  [0x2066, 0x2069],
];
const PUNCTUATION_BLOCKS: Ranges = [
  [0x21, 0x2f],
  [0x5b, 0x60],
  [0xa1, 0xbf],
  [0x2010, 0x205e],
  [0x2e00, 0x2e5d],
  [0x3001, 0x303f],
  [0xfe10, 0xfe6b],
  [0xff01, 0xff65],
  [0x61b, 0x61f],
  [0x1360, 0x1368],
  [0x166d, 0x166e],
  [0x111c5, 0x111dd],
];
const PRIVATE: Ranges = [
  [0xe000, 0xe0ff],
  [0xf8f0, 0xf900],
  [0x378, 0x37f],
  [0xe0000, 0xe01ff],
  [0xffff0, 0x1000ff],
  [0x10fff0, 0x10ffff],
];
const KANA_AND_JAMO: Ranges = [
  [0x1100, 0x11ff],
  [0x3040, 0x30ff],
  [0x3130, 0x318f],
  [0xac00, 0xac80],
  [0xff65, 0xff9f],
  [0x1b000, 0x1b010],
];
const LOOKALIKES: Ranges = [
  [0x1d400, 0x1d7ff],
  [0x2100, 0x214f],
  [0xfb00, 0xfb06],
  [0xff10, 0xff5a],
  [0x2150, 0x218b],
  [0x2460, 0x24ff],
];

/** Kinds that are no language; each makes one string of words that it may borrow. */
const HOSTILE: Readonly<Record<string, (below: Below, word: () => string) => string>> = {
  'combining marks': (below, word) =>
    join(below, 8, () => `${word().slice(0, 3)}${drawn(below, COMBINING, below(6))}`),
  'decomposed letters': (below, word) => join(below, 8, () => word().normalize('NFD')),
  ideographs: (below, word) =>
    join(below, 6, () => `${word().slice(0, 2)}${drawn(below, IDEOGRAPHS, 1 + below(5))}`),
  emoji: (below, word) =>
    join(below, 6, () => `${below(2) === 0 ? word() : ''}${drawn(below, EMOJI, 1 + below(5))}`),
  'controls and spaces': (below, word) =>
    join(below, 8, () => inserted(below, word(), drawn(below, CONTROLS, 1 + below(3)))),
  'long words': (below, word) => join(below, 2, () => longWord(below, word)),
  'lone surrogates': (below, word) =>
    join(below, 5, () => inserted(below, word(), String.fromCharCode(0xd800 + below(0x800)))),
  'bidi and joiners': (below, word) =>
    join(below, 5, () => inserted(below, word(), drawn(below, BIDI, 1 + below(6)))),
  'special tokens': (below, word) => join(below, 6, () => specialToken(below, word)),
  punctuation: (below, word) =>
    join(below, 8, () => inserted(below, word(), drawn(below, PUNCTUATION_BLOCKS, 1 + below(4)))),
  'private and unassigned': (below, word) =>
    join(below, 6, () => inserted(below, word(), drawn(below, PRIVATE, 1 + below(3)))),
  'kana and jamo': (below) => join(below, 6, () => drawn(below, KANA_AND_JAMO, 1 + below(6))),
  lookalikes: (below) => join(below, 6, () => drawn(below, LOOKALIKES, 1 + below(6))),
  'any code points': (below) =>
    join(below, 10, () => drawn(below, [[0, 0x10ffff]], 1 + below(5)).toWellFormed()),
  pieces: (below, word) =>
    join(below, 8, () => `${pick(below, ['##', '#', '[', ']', '[unused1]', '##a'])}${word()}`),
};

/** At least `count` strings: as many of each language, half as many of each hostile kind; `phrasesFor` are what they are made of. */
export function makeStrings(
  count: number,
  seed: number,
  phrasesFor: (language: Language) => readonly string[],
): Sample[] {
  const hostile = Object.keys(HOSTILE);
  const perKind = Math.ceil(count / (LANGUAGES.length + hostile.length / 2));

  const said = LANGUAGES.flatMap((language) => {
    const below = randomIntegers(`${seed}/${language}`);
    const speaker = { language, phrases: phrasesFor(language), sentences: sentencesOf(language) };
    return Array.from({ length: perKind }, () => ({ kind: language, text: speak(below, speaker) }));
  });
  const meant = hostile.flatMap((kind) => {
    const below = randomIntegers(`${seed}/${kind}`);
    const word = (): string => wordOf(below, phrasesFor(pick(below, LANGUAGES)));
    const make = HOSTILE[kind] ?? word;
    return Array.from({ length: Math.ceil(perKind / 2) }, () => ({
      kind,
      text: make(below, word),
    }));
  });
  return [...said, ...meant];
}

interface Speaker {
  readonly language: Language;
  readonly phrases: readonly string[];
  readonly sentences: readonly string[];
}

/** A sentence of the fixtures with slips of the pen, or one put together of words and phrases. */
function speak(below: Below, { language, phrases, sentences }: Speaker): string {
  if (below(4) === 0) return slip(below, pick(below, sentences), below(5));
  const space = UNSPACED.has(language) ? '' : ' ';
  const words = Array.from({ length: 1 + below(16) }, () => {
    const word = below(5) === 0 ? pick(below, phrases) : wordOf(below, phrases);
    const spoken = pick(below, [word, word, word, word.toUpperCase(), word.toLowerCase()]);
    const glued = below(12) === 0 ? `${spoken}${wordOf(below, phrases)}` : spoken;
    return below(6) === 0 ? `${glued}${pick(below, PUNCTUATION)}` : glued;
  });
  const cue = below(10) === 0 ? pick(below, ['[laughs] ', '[sighs] ', '♪ ', 'MAN: ']) : '';
  return `${cue}${words.join(space)}${pick(below, ['.', '!', '?', '...', '。', ''])}`;
}

function wordOf(below: Below, phrases: readonly string[]): string {
  return pick(below, pick(below, phrases).split(/\s+/u));
}

/** Swaps, drops, doubles or changes the case of characters. */
function slip(below: Below, text: string, times: number): string {
  const characters = Array.from(text);
  for (let i = 0; i < times && characters.length > 1; i += 1) {
    const at = below(characters.length - 1);
    const [here = '', next = ''] = characters.slice(at, at + 2);
    const changed = [[next, here], [next], [here, here, next], [here.toUpperCase(), next]];
    characters.splice(at, 2, ...pick(below, changed));
  }
  return characters.join('');
}

/** Around the limit of 100 code points, of one character, of a few, or of several words. */
function longWord(below: Below, word: () => string): string {
  const length = 97 + below(7);
  const letters = Array.from(pick(below, ['a', 'é', '𝒽', 'か', '각', 'a\u0301', word() || 'b']));
  const points = Array.from({ length }, (_, i) => letters[i % letters.length] ?? 'a');
  // what cleaning removes does not count
  if (below(3) === 0) points.splice(below(length), 0, pick(below, ['\u200d', '\u00ad', '-', ' ']));
  return points.join('');
}

/** Whole, misspelt, or with something that cleaning takes away inside. */
function specialToken(below: Below, word: () => string): string {
  const token = pick(below, SPECIAL_TOKENS);
  const broken = slip(below, token, 1);
  const hidden = inserted(below, token, pick(below, ['\u200b', '\u00ad', '\u0000', ' ']));
  const chosen = pick(below, [token, token, token, token.toLowerCase(), broken, hidden]);
  return `${below(2) === 0 ? word() : ''}${chosen}${below(2) === 0 ? word() : ''}`;
}

function join(below: Below, most: number, make: () => string): string {
  const parts = Array.from({ length: 1 + below(most) }, make);
  return parts.join(below(4) === 0 ? '' : ' ');
}

function inserted(below: Below, text: string, middle: string): string {
  const at = below(text.length + 1);
  return `${text.slice(0, at)}${middle}${text.slice(at)}`;
}

function drawn(below: Below, ranges: Ranges, count: number): string {
  return Array.from({ length: count }, () => {
    const [first, last] = pick(below, ranges);
    return String.fromCodePoint(first + below(last - first + 1));
  }).join('');
}

function pick<Item>(below: Below, items: readonly [Item, ...Item[]]): Item;
function pick<Item>(below: Below, items: readonly Item[]): Item;
function pick<Item>(below: Below, items: readonly Item[]): Item {
  const item = items[below(items.length)];
  if (item === undefined) throw new RangeError('There is nothing to choose from.');
  return item;
}
