/**
 * The four classes of code points that BERT's fast tokenizer treats apart, measured over every
 * Unicode scalar value. They follow an older Unicode table, so no `\p{...}` of a regular expression
 * says the same: U+061D and U+2E43 are no punctuation here, U+166D and U+111C9 are.
 */

/** What the tokenizer does with a code point: letters stay, see the ranges below for the rest. */
export const CHAR_CLASS = { letter: 0, drop: 1, space: 2, cjk: 3, punctuation: 4 } as const;
export type CharClass = (typeof CHAR_CLASS)[keyof typeof CHAR_CLASS];

/** The class of a code point, 0..0x10ffff; surrogates (0xd800..0xdfff) are dropped as U+FFFD would be. */
export function charClass(codePoint: number): CharClass {
  if (codePoint < ASCII.length) return ASCII[codePoint] ?? CHAR_CLASS.letter;
  return classOf(codePoint);
}

// removed from the text: controls but tab and line ends, format and private-use characters
const DROP_RANGES = `
  0-8 b-c e-1f 7f-9f ad 600-605 61c 6dd 70f 180e 200b-200f 202a-202e 2060-2064 2066-206f
  e000-f8ff feff fff9-fffb fffd 110bd 1bca0-1bca3 1d173-1d17a e0001 e0020-e007f f0000-ffffd
  100000-10fffd
`;

// becomes U+0020
const SPACE_RANGES = `
  9-a d 20 a0 1680 2000-200a 2028-2029 202f 205f 3000
`;

// ideographs, each a word of its own; kana and hangul are letters
const CJK_RANGES = `
  3400-4dbf 4e00-9fff f900-faff 20000-2a6df 2a700-2b81f 2b920-2ceaf 2f800-2fa1f
`;

// each a word of its own
const PUNCTUATION_RANGES = `
  21-2f 3a-40 5b-60 7b-7e a1 a7 ab b6-b7 bb bf 37e 387 55a-55f 589-58a 5be 5c0 5c3 5c6 5f3-5f4
  609-60a 60c-60d 61b 61e-61f 66a-66d 6d4 700-70d 7f7-7f9 830-83e 85e 964-965 970 af0 df4 e4f
  e5a-e5b f04-f12 f14 f3a-f3d f85 fd0-fd4 fd9-fda 104a-104f 10fb 1360-1368 1400 166d-166e
  169b-169c 16eb-16ed 1735-1736 17d4-17d6 17d8-17da 1800-180a 1944-1945 1a1e-1a1f 1aa0-1aa6
  1aa8-1aad 1b5a-1b60 1bfc-1bff 1c3b-1c3f 1c7e-1c7f 1cc0-1cc7 1cd3 2010-2027 2030-2043 2045-2051
  2053-205e 207d-207e 208d-208e 2308-230b 2329-232a 2768-2775 27c5-27c6 27e6-27ef 2983-2998
  29d8-29db 29fc-29fd 2cf9-2cfc 2cfe-2cff 2d70 2e00-2e2e 2e30-2e42 3001-3003 3008-3011 3014-301f
  3030 303d 30a0 30fb a4fe-a4ff a60d-a60f a673 a67e a6f2-a6f7 a874-a877 a8ce-a8cf a8f8-a8fa a8fc
  a92e-a92f a95f a9c1-a9cd a9de-a9df aa5c-aa5f aade-aadf aaf0-aaf1 abeb fd3e-fd3f fe10-fe19
  fe30-fe52 fe54-fe61 fe63 fe68 fe6a-fe6b ff01-ff03 ff05-ff0a ff0c-ff0f ff1a-ff1b ff1f-ff20
  ff3b-ff3d ff3f ff5b ff5d ff5f-ff65 10100-10102 1039f 103d0 1056f 10857 1091f 1093f 10a50-10a58
  10a7f 10af0-10af6 10b39-10b3f 10b99-10b9c 11047-1104d 110bb-110bc 110be-110c1 11140-11143
  11174-11175 111c5-111c9 111cd 111db 111dd-111df 11238-1123d 112a9 114c6 115c1-115d7
  11641-11643 1173c-1173e 12470-12474 16a6e-16a6f 16af5 16b37-16b3b 16b44 1bc9f 1da87-1da8b
`;

// a lone surrogate is U+FFFD once it is UTF-8, and that is dropped
const SURROGATE_RANGES = 'd800-dfff';

interface Range {
  readonly first: number;
  readonly last: number;
  readonly kind: CharClass;
}

/** Ascending and disjoint. */
const RANGES: readonly Range[] = [
  ...parseRanges(DROP_RANGES, CHAR_CLASS.drop),
  ...parseRanges(SURROGATE_RANGES, CHAR_CLASS.drop),
  ...parseRanges(SPACE_RANGES, CHAR_CLASS.space),
  ...parseRanges(CJK_RANGES, CHAR_CLASS.cjk),
  ...parseRanges(PUNCTUATION_RANGES, CHAR_CLASS.punctuation),
].toSorted((a, b) => a.first - b.first);

const ASCII: readonly CharClass[] = Array.from({ length: 128 }, (_, codePoint) =>
  classOf(codePoint),
);

function parseRanges(hexadecimal: string, kind: CharClass): Range[] {
  return hexadecimal
    .trim()
    .split(/\s+/)
    .map((range) => {
      const [first = '', last = first] = range.split('-');
      return { first: Number.parseInt(first, 16), last: Number.parseInt(last, 16), kind };
    });
}

function classOf(codePoint: number): CharClass {
  let low = 0;
  let high = RANGES.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = RANGES[middle];
    if (range === undefined) break;
    if (codePoint < range.first) high = middle;
    else if (codePoint > range.last) low = middle + 1;
    else return range.kind;
  }
  return CHAR_CLASS.letter;
}
