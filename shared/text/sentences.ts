/**
 * A text into sentences, one for each utterance: Bark speaks about 13 s at a time. Nothing of the text
 * is lost or reordered but white space at the cuts.
 */
import { type CountTokens, cutSentence } from './clauses.ts';
import { type Span, findCues, findLyrics, insideSpans, withoutCues } from './cues.ts';
import { isSentenceEnd } from './sentence-ends.ts';
import { SENTENCE_MAX_UNITS, SENTENCE_MIN_UNITS, speechLength } from './speech-length.ts';

/** How a text is split (reference: section 7.7). */
export interface SplitOptions {
  /** BCP 47 tag; decides which abbreviations and ordinals are known. Without it those of all languages are. */
  readonly language?: string;
}

/** Splits a text into trimmed sentences, none empty; short ones are joined to a neighbour. */
export function splitSentences(text: string, { language }: SplitOptions = {}): string[] {
  const primary = language?.split(/[-_]/u)[0]?.toLowerCase();
  const sentences: Sentence[] = [];
  let start = 0;
  for (const end of [...sentenceEnds(text, primary), text.length]) {
    const said = text.slice(start, end).trim();
    if (said !== '') sentences.push({ start, end, units: speechLength(withoutCues(said)) });
    start = end;
  }
  return joinShort(sentences).map((span) => text.slice(span.start, span.end).trim());
}

/**
 * Cuts sentences that do not fit one utterance: more than `maxTokens`, or more speech than Bark says well
 * (200 letters, 66 ideographs). A cut falls after a clause, else between words, else between characters.
 */
export function fitSentences(
  sentences: readonly string[],
  countTokens: CountTokens,
  maxTokens: number,
): string[] {
  if (!(maxTokens >= 1)) {
    throw new RangeError(`A sentence needs room for at least 1 token; maxTokens is ${maxTokens}.`);
  }
  return sentences.flatMap((sentence) => cutSentence(sentence, countTokens, maxTokens));
}

/** Part of a text and how long it takes to say. */
interface Sentence extends Span {
  readonly units: number;
}

/** Where sentences end, in code units, ascending, without the end of the text. */
function sentenceEnds(text: string, language: string | undefined): number[] {
  const lyrics = findLyrics(text);
  const isInside = insideSpans([...lyrics, ...findCues(text)]);
  return candidateEnds(text, lyrics)
    .filter(
      ({ at, isLyricEnd }) => !isInside(at) && (isLyricEnd || isSentenceEnd(text, at, language)),
    )
    .map(({ at }) => at);
}

interface Candidate {
  readonly at: number;
  /** A song ends here: that needs no full stop. */
  readonly isLyricEnd: boolean;
}

/** Unicode's sentence boundaries, and those it lacks. */
function candidateEnds(text: string, lyrics: readonly Span[]): Candidate[] {
  const ends = new Map<number, boolean>();
  // the rules are the same for all of our languages
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
  for (const { segment, index } of segmenter.segment(text)) {
    // white space alone begins nothing, and would be looked through again and again
    if (segment.trim() !== '') ends.set(index, false);
  }
  for (const { index, 0: match } of text.matchAll(UNSEEN_END)) {
    ends.set(index + match.length, false);
  }
  for (const { end } of lyrics) {
    if (/^\s+[^\s\p{Ll}\p{P}]/u.test(text.slice(end, end + LYRIC_LOOKAHEAD))) ends.set(end, true);
  }
  return Array.from(ends, ([at, isLyricEnd]) => ({ at, isLyricEnd })).toSorted(
    (a, b) => a.at - b.at,
  );
}

/** An ellipsis, and a stop before a closing mark that stands off as in French. */
const UNSEEN_END = /(?:…["'’”»)\]」』]*|[.!?…]\s»)\s+(?=\S)/gu;

/** White space that may follow a song before the next word, in code units. */
const LYRIC_LOOKAHEAD = 16;

/** Joins a sentence that is too short to what follows, or to what came before where that is better. */
function joinShort(sentences: readonly Sentence[]): Sentence[] {
  const joined: Sentence[] = [];
  for (const sentence of sentences) {
    const last = joined.at(-1);
    if (last === undefined) joined.push(sentence);
    // a direction or an emoji alone says nothing: it ends what was said
    else if (sentence.units === 0) joined.push(join(joined.pop() ?? last, sentence));
    else if (last.units >= SENTENCE_MIN_UNITS) joined.push(sentence);
    else if (last.units + sentence.units > SENTENCE_MAX_UNITS && joinsBack(joined)) {
      joinLast(joined);
      joined.push(sentence);
    } else joined.push(join(joined.pop() ?? last, sentence));
  }
  if ((joined.at(-1)?.units ?? SENTENCE_MIN_UNITS) < SENTENCE_MIN_UNITS) joinLast(joined);
  return joined;
}

function joinsBack(joined: readonly Sentence[]): boolean {
  const [before, last] = joined.slice(-2);
  return (
    before !== undefined && last !== undefined && before.units + last.units <= SENTENCE_MAX_UNITS
  );
}

function joinLast(joined: Sentence[]): void {
  const last = joined.pop();
  const before = joined.pop();
  if (before !== undefined && last !== undefined) joined.push(join(before, last));
  else if (last !== undefined) joined.push(last);
}

function join(first: Sentence, second: Sentence): Sentence {
  return { start: first.start, end: second.end, units: first.units + second.units };
}
