/**
 * Words and phrases of Bark's 13 languages that need no download: names of places, languages, units,
 * days and time zones as ICU spells them, which this Node carries, and the sentences of the fixtures.
 */
import { readFileSync } from 'node:fs';

export const LANGUAGES = [
  'de',
  'en',
  'es',
  'fr',
  'hi',
  'it',
  'ja',
  'ko',
  'pl',
  'pt',
  'ru',
  'tr',
  'zh',
] as const;
export type Language = (typeof LANGUAGES)[number];

const SENTENCES = new URL('../../tests/fixtures/tokenizer/texts.json', import.meta.url);

const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');

/** ISO 15924; a name that ICU does not know is left out. */
const SCRIPTS =
  'Arab Armn Beng Bopo Brai Cans Cher Copt Cyrl Deva Egyp Ethi Geor Goth Grek Gujr Guru Hang Hani Hans Hant Hebr Hira Java Kana Khmr Knda Laoo Latn Mlym Mong Mymr Orya Runr Sinh Syrc Taml Telu Thaa Thai Tibt';

/** A plural form each, in most languages. */
const COUNTS = [1, 3, 7, 21, 1_000, 1_234_567.89, 0.5];

/** A fixed day, so that the same Node makes the same phrases. */
const DAY = Date.UTC(2_024, 1, 29, 15, 4, 5);
const DAY_MS = 86_400_000;

/** Sentences that people wrote. */
export function sentencesOf(language: Language): string[] {
  const all: unknown = JSON.parse(readFileSync(SENTENCES, 'utf8'));
  const own: unknown = Reflect.get(Object(all), language);
  return Array.isArray(own) ? own.map(String) : [];
}

/** Phrases of one language, each once, in a fixed order. */
export function phrasesOf(language: Language): string[] {
  const phrases = [
    ...names(language, 'region', twoLetters()),
    ...names(
      language,
      'language',
      twoLetters().map((code) => code.toLowerCase()),
    ),
    ...names(language, 'script', SCRIPTS.split(' ')),
    ...names(language, 'currency', Intl.supportedValuesOf('currency')),
    ...names(language, 'calendar', Intl.supportedValuesOf('calendar')),
    ...quantities(language),
    ...times(language),
    ...zones(language),
  ];
  return [...new Set(phrases)];
}

/** One phrase or sentence a line: what a vocabulary is trained on. */
export function corpus(): string {
  const lines = LANGUAGES.flatMap((language) => [
    ...phrasesOf(language),
    // once more as they begin sentences and as they are shouted
    ...sentencesOf(language).flatMap((line) => [line, line.toLowerCase(), line.toUpperCase()]),
  ]);
  return `${[...lines, ...alphabets()].join('\n')}\n`;
}

function twoLetters(): string[] {
  return LETTERS.flatMap((first) => LETTERS.map((second) => `${first}${second}`));
}

function names(
  language: Language,
  type: Intl.DisplayNamesType,
  codes: readonly string[],
): string[] {
  const known = new Intl.DisplayNames(language, { type, fallback: 'none' });
  return codes.flatMap((code) => known.of(code) ?? []);
}

function quantities(language: Language): string[] {
  const units = Intl.supportedValuesOf('unit').flatMap((unit) =>
    COUNTS.map((count) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count),
    ),
  );
  const prices = ['EUR', 'USD', 'JPY', 'INR', 'TRY'].flatMap((currency) =>
    COUNTS.map((count) =>
      new Intl.NumberFormat(language, { style: 'currency', currency }).format(count),
    ),
  );
  return [...units, ...prices];
}

function times(language: Language): string[] {
  const full = new Intl.DateTimeFormat(language, {
    dateStyle: 'full',
    timeStyle: 'medium',
    timeZone: 'UTC',
  });
  const days = Array.from({ length: 48 }, (_, i) => full.format(DAY + i * 8 * DAY_MS));
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const units = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second'] as const;
  const distances = units.flatMap((unit) =>
    [-30, -2, -1, 0, 1, 2, 5].map((distance) => relative.format(distance, unit)),
  );
  return [...days, ...distances];
}

function zones(language: Language): string[] {
  return Intl.supportedValuesOf('timeZone').flatMap((timeZone) => {
    const parts = new Intl.DateTimeFormat(language, {
      timeZone,
      timeZoneName: 'long',
    }).formatToParts(DAY);
    return parts.flatMap(({ type, value }) => (type === 'timeZoneName' ? value : []));
  });
}

/** Every second character of some ranges, alone and inside a word: the others stay unknown. */
function alphabets(): string[] {
  const ranges = [
    [0xc0, 0x17f],
    [0x300, 0x345],
    [0x370, 0x3ff],
    [0x400, 0x45f],
    [0x5d0, 0x5ea],
    [0x620, 0x64a],
    [0x904, 0x963],
    [0xe01, 0xe3a],
    [0x1100, 0x1112],
    [0x1160, 0x1175],
    [0x2010, 0x2044],
    [0x3041, 0x30fe],
    [0x4e00, 0x4fff],
    [0x1d400, 0x1d43f],
    [0x1f300, 0x1f6ff],
    [0x20000, 0x200ff],
  ] as const;
  return ranges.flatMap(([first, last]) => {
    const characters: string[] = [];
    for (let codePoint = first; codePoint <= last; codePoint += 2) {
      characters.push(String.fromCodePoint(codePoint));
    }
    return characters.map((character) => `${character} a${character}`);
  });
}
