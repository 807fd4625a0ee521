/** A text made from another by replacements, which knows where each of its places stood before. */
import type { Span } from '../cues.ts';

/** A replacement of part of a text; `text` may be empty, and so may the part. */
export interface Edit extends Span {
  readonly text: string;
}

/** Replaces the whole of a match. */
export function matchEdit(match: RegExpExecArray, text: string): Edit {
  return { start: match.index, end: match.index + match[0].length, text };
}

/** Which side of what was taken out a place belongs to. */
export type Lean = 'left' | 'right';

/** Finds replacements in a text; none of them overlap. */
export type Rule = (text: string) => Iterable<Edit>;

/** Stands for what a rule has taken, one for each code unit; no rule looks for it. */
const TAKEN = '\ufffc';

/** What all rules find, in order: no rule sees what an earlier one has replaced, nor what is protected. */
export function collectEdits(
  text: string,
  rules: readonly Rule[],
  protectedSpans: readonly Span[] = [],
): Edit[] {
  const edits: Edit[] = [];
  let visible = withoutSpans(text, protectedSpans);
  for (const rule of rules) {
    const found = [...rule(visible)];
    edits.push(...found);
    visible = withoutSpans(visible, found);
  }
  return inOrder(edits);
}

/** A text and, for each offset in it, the offset in the text that it was made from. */
export class MappedText {
  readonly text: string;
  /** Knots of a map that is linear between them, both ascending. */
  readonly #outs: readonly number[];
  readonly #ins: readonly number[];

  private constructor(text: string, outs: readonly number[], ins: readonly number[]) {
    this.text = text;
    this.#outs = outs;
    this.#ins = ins;
  }

  /** Replaces parts of a text; `edits` are in order and apart from each other. */
  static from(original: string, edits: readonly Edit[]): MappedText {
    const outs = [0];
    const ins = [0];
    let text = '';
    let kept = 0;
    const knot = (at: number): void => {
      outs.push(text.length);
      ins.push(at);
    };
    for (const edit of edits) {
      text += original.slice(kept, edit.start);
      knot(edit.start);
      text += edit.text;
      knot(edit.end);
      kept = edit.end;
    }
    text += original.slice(kept);
    knot(original.length);
    return new MappedText(text, outs, ins);
  }

  /** Where a place of `text`, 0..text.length, stood before, in code units; within a replacement in proportion. */
  toOriginal(offset: number, lean: Lean = 'right'): number {
    const outs = this.#outs;
    const next = lean === 'left' ? firstAtLeast(outs, offset) : firstAtLeast(outs, offset + 1) - 1;
    const [out = 0, at = 0] = [outs[next], this.#ins[next]];
    if (out === offset) return at;
    const before = lean === 'left' ? next - 1 : next;
    const [outBefore = 0, inBefore = 0] = [outs[before], this.#ins[before]];
    const [outAfter = outBefore, inAfter = inBefore] = [outs[before + 1], this.#ins[before + 1]];
    // multiplied first: whole numbers stay exact, where a share of them would fall short by one
    const scaled = (offset - outBefore) * (inAfter - inBefore);
    return inBefore + Math.floor(scaled / Math.max(1, outAfter - outBefore));
  }
}

function inOrder(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

function withoutSpans(text: string, spans: readonly Span[]): string {
  const pieces: string[] = [];
  let kept = 0;
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    if (end <= kept) continue;
    pieces.push(text.slice(kept, Math.max(kept, start)), TAKEN.repeat(end - Math.max(kept, start)));
    kept = end;
  }
  pieces.push(text.slice(kept));
  return pieces.join('');
}

/** Index of the first ascending number that is at least this; their count when there is none. */
function firstAtLeast(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? value) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
