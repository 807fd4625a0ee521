/**
 * Cuts a sentence that is too long for one utterance: after a clause if it can, else between words, else
 * between characters, and never between more than is needed.
 */
import { abbreviationKind } from './abbreviations.ts';
import { findCues, findLyrics, insideSpans } from './cues.ts';
import { SENTENCE_MAX_UNITS, SENTENCE_MIN_UNITS, speechOffsets } from './speech-length.ts';

/** Says how many tokens a text has; called for texts of at most SENTENCE_MAX_UNITS characters. */
export type CountTokens = (text: string) => number;

/** A comma, semicolon, colon or stop with what closes after it, before white space; or one that needs none. */
const CLAUSE_END =
  /(?:[,;:،؛!?…]|(?<=(?<word>[\p{L}\p{M}]{2,30}))\.)["'’”»)\]]*(?=\s)|[、，；：。！？।॥]["'’”»)\]」』】）》]*|[—―]|(?<=\s)[-–](?=\s)/gu;

/** A number may be grouped by these: not a place to cut. */
const WORD_GAP = /[^\S\u00a0\u202f]+/gu;

/** A clause this much shorter than an even share is not worth a pause. */
const CLAUSE_SHARE_MIN = 0.25;

/** The sentence in trimmed pieces, each within both limits unless a single character is not. */
export function cutSentence(
  sentence: string,
  countTokens: CountTokens,
  maxTokens: number,
): string[] {
  const offsets = speechOffsets(sentence);
  const cuts = { clauses: clauseEnds(sentence), words: wordGaps(sentence) };
  const pieces: string[] = [];
  let start = 0;
  while (start < sentence.length) {
    const end = pieceEnd({ sentence, offsets, start, countTokens, maxTokens }, cuts);
    const piece = sentence.slice(start, end).trim();
    if (piece !== '') pieces.push(piece);
    start = end;
  }
  return pieces;
}

/** The rest of a sentence from `start`, and what a piece of it must keep. */
interface Rest {
  readonly sentence: string;
  /** Speech units before each code unit, [sentence.length + 1]. */
  readonly offsets: Uint32Array;
  readonly start: number;
  readonly countTokens: CountTokens;
  readonly maxTokens: number;
}

/** Places to cut, in code units, ascending. */
interface Cuts {
  readonly clauses: readonly number[];
  readonly words: readonly number[];
}

function pieceEnd(rest: Rest, cuts: Cuts): number {
  const { sentence, start } = rest;
  const units = unitsTo(rest, sentence.length);
  if (units <= SENTENCE_MAX_UNITS && fits(rest, sentence.length)) return sentence.length;
  const farthest = farthestEnd(rest);
  const share = evenShare(rest, farthest, units);
  const isWorthy = (end: number): boolean =>
    unitsTo(rest, end) >= Math.max(SENTENCE_MIN_UNITS, share * CLAUSE_SHARE_MIN) &&
    units - unitsTo(rest, end) >= SENTENCE_MIN_UNITS;
  const clauses = between(cuts.clauses, start, farthest).filter(isWorthy);
  const words = between(cuts.words, start, farthest);
  // white space at the very beginning cuts nothing off
  const said = words.filter((end) => sentence.slice(start, end).trim() !== '');
  return (
    nearest(rest, clauses, share) ??
    nearest(rest, said, share) ??
    lastFitting(rest, segmentEnds(rest, farthest, 'word')) ??
    lastFitting(rest, segmentEnds(rest, farthest, 'grapheme')) ??
    lastFitting(rest, codePointEnds(rest, farthest)) ??
    // even one character has too many tokens: it is spoken cut short rather than dropped
    start + characterLength(sentence, start)
  );
}

/** The farthest end within SENTENCE_MAX_UNITS, at least one character on. */
function farthestEnd({ sentence, offsets, start }: Rest): number {
  const limit = (offsets[start] ?? 0) + SENTENCE_MAX_UNITS;
  let end = start;
  while (end < sentence.length) {
    const next = end + characterLength(sentence, end);
    if ((offsets[next] ?? 0) > limit) break;
    end = next;
  }
  return Math.max(end, start + characterLength(sentence, start));
}

/** Units of a piece if the rest were cut evenly into as few pieces as both limits allow. */
function evenShare(rest: Rest, farthest: number, units: number): number {
  const bySpeech = Math.ceil(units / SENTENCE_MAX_UNITS);
  const tokens = rest.countTokens(rest.sentence.slice(rest.start, farthest));
  const tokensOfAll = (tokens * units) / Math.max(1, unitsTo(rest, farthest));
  return units / Math.max(1, bySpeech, Math.ceil(tokensOfAll / rest.maxTokens));
}

/** Of the ends whose piece fits the one nearest to the wished length. */
function nearest(rest: Rest, ends: readonly number[], share: number): number | undefined {
  const distance = (end: number): number => Math.abs(unitsTo(rest, end) - share);
  return ends.toSorted((a, b) => distance(a) - distance(b)).find((end) => fits(rest, end));
}

function lastFitting(rest: Rest, ends: readonly number[]): number | undefined {
  return ends.findLast((end) => fits(rest, end));
}

function fits({ sentence, start, countTokens, maxTokens }: Rest, end: number): boolean {
  return countTokens(sentence.slice(start, end).trim()) <= maxTokens;
}

function unitsTo({ offsets, start }: Rest, end: number): number {
  return (offsets[end] ?? 0) - (offsets[start] ?? 0);
}

function clauseEnds(sentence: string): number[] {
  const ends: number[] = [];
  for (const match of sentence.matchAll(CLAUSE_END)) {
    const word = match.groups?.['word'];
    const isAbbreviation = word !== undefined && abbreviationKind(word, undefined) !== null;
    if (!isAbbreviation) ends.push(match.index + match[0].length);
  }
  return outsideCues(sentence, ends);
}

function wordGaps(sentence: string): number[] {
  return outsideCues(
    sentence,
    Array.from(sentence.matchAll(WORD_GAP), ({ index }) => index),
  );
}

function outsideCues(sentence: string, ends: readonly number[]): number[] {
  const isInside = insideSpans([...findCues(sentence), ...findLyrics(sentence)]);
  return ends.filter((end) => !isInside(end));
}

/** Where words or graphemes of the rest end, up to the farthest end. */
function segmentEnds(
  { sentence, start }: Rest,
  farthest: number,
  granularity: 'word' | 'grapheme',
): number[] {
  const segmenter = new Intl.Segmenter('en', { granularity });
  const text = sentence.slice(start, farthest + GRAPHEME_LOOKAHEAD);
  return Array.from(segmenter.segment(text), ({ index }) => start + index).filter(
    (end) => end > start && end <= farthest,
  );
}

/** What may still belong to a grapheme that began before a cut, in code units. */
const GRAPHEME_LOOKAHEAD = 32;

function codePointEnds({ sentence, start }: Rest, farthest: number): number[] {
  const ends: number[] = [];
  for (let end = start; end < farthest;) {
    end += characterLength(sentence, end);
    ends.push(end);
  }
  return ends;
}

function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** The ascending numbers after `low` up to `high`. */
function between(ascending: readonly number[], low: number, high: number): number[] {
  let first = 0;
  let last = ascending.length;
  while (first < last) {
    const middle = (first + last) >>> 1;
    if ((ascending[middle] ?? low) > low) last = middle;
    else first = middle + 1;
  }
  let end = first;
  while (end < ascending.length && (ascending[end] ?? high) <= high) end += 1;
  return ascending.slice(first, end);
}
