/**
 * A text as it is written into a text as it is read: without markup, emoji and the signs of addresses, and
 * with numbers, dates, times, sums of money and units in words. Bark's own marks stay: `[laughs]`, songs
 * between notes, CAPITALS, dashes and dots.
 */
import { findCues, findLyrics, type Span } from '../cues.ts';
import { addresses } from './addresses.ts';
import { dates } from './dates.ts';
import { emoji } from './emoji.ts';
import { FALLBACK_LANGUAGE, SPOKEN_LANGUAGES } from './languages.ts';
import { collectEdits, MappedText, type Edit, type Lean, type Rule } from './mapped-text.ts';
import {
  addressBrackets,
  codeSpans,
  emphasis,
  entities,
  escapes,
  links,
  tags,
} from './markup-inline.ts';
import { lineMarkup } from './markup-lines.ts';
import { measures } from './measures.ts';
import { money } from './money.ts';
import { numbers } from './numbers.ts';
import type { SpokenLanguage } from './spoken-language.ts';
import { times } from './times.ts';

/**
 * `auto` takes markup out and spells numbers out where the language is known, `on` spells them out in English
 * where it is not, `off` leaves the text alone.
 */
export const NORMALIZATION_MODES = ['auto', 'on', 'off'] as const;
export type NormalizationMode = (typeof NORMALIZATION_MODES)[number];

export interface NormalizeOptions {
  /** BCP 47 tag of the voice, null where it is not known. */
  readonly language: string | null;
  readonly mode: NormalizationMode;
}

export interface NormalizedText {
  readonly text: string;
  /** Where a place of `text`, in code units, stands in the text as given; `lean` chooses a side of what was taken out. */
  toOriginal(offset: number, lean?: Lean): number;
}

/** Time and memory grow with the length of the text alone, whatever it holds. */
export function normalizeText(text: string, { language, mode }: NormalizeOptions): NormalizedText {
  if (mode === 'off') return { text, toOriginal: (offset) => offset };
  const known = SPOKEN_LANGUAGES.get(language?.split(/[-_]/u)[0]?.toLowerCase() ?? '');
  const spoken = known ?? (mode === 'on' ? FALLBACK_LANGUAGE : null);
  // each pass reads what the one before has left
  const passes: readonly (readonly Rule[])[] = [
    [lineMarkup, links],
    [codeSpans, addressBrackets, tags, escapes, emphasis, entities, emoji],
    readingRules(spoken),
  ];
  const maps: MappedText[] = [];
  for (const [i, rules] of passes.entries()) {
    const source = maps.at(-1)?.text ?? text;
    // an address beside a bracket makes a link of it: only then is it known to be no direction
    const protectedSpans = i === 0 ? [] : directions(source);
    maps.push(MappedText.from(source, collectEdits(source, rules, protectedSpans)));
  }
  return {
    text: maps.at(-1)?.text ?? text,
    toOriginal: (offset, lean) =>
      wholeCharacter(
        text,
        maps.reduceRight((at, map) => map.toOriginal(at, lean), offset),
      ),
  };
}

/** A place that is not between the halves of a surrogate pair. */
function wholeCharacter(text: string, offset: number): number {
  return (text.codePointAt(offset - 1) ?? 0) > 0xffff ? offset - 1 : offset;
}

/** What is acted or sung, not read. */
function directions(text: string): readonly Span[] {
  return [...findCues(text), ...findLyrics(text)];
}

function readingRules(language: SpokenLanguage | null): readonly Rule[] {
  const neutral = [...addresses(language), underscores];
  if (language === null) return neutral;
  return [
    ...neutral,
    ...(language.rules ?? []),
    dates(language),
    times(language),
    ...money(language),
    measures(language),
    ...numbers(language),
    ampersands(language),
  ];
}

/** `snake_case`, `#topic`. */
function* underscores(text: string): Generator<Edit> {
  for (const { index, 0: match } of text.matchAll(/(?<=[\p{L}\p{N}])_{1,3}(?=[\p{L}\p{N}])/gu)) {
    yield { start: index, end: index + match.length, text: ' ' };
  }
  for (const { index } of text.matchAll(/(?<![\p{L}\p{N}&#])#(?=\p{L})/gu)) {
    yield { start: index, end: index + 1, text: '' };
  }
}

/** `salt & pepper`. */
function ampersands({ words }: SpokenLanguage): Rule {
  return function* ampersandsIn(text) {
    for (const { index } of text.matchAll(/(?<=[\p{L}\p{N}\ufffc] )&(?= [\p{L}\p{N}\ufffc])/gu)) {
      yield { start: index, end: index + 1, text: words.and };
    }
  };
}
