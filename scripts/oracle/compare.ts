/** Compares three tokenizers string by string: ours, Python's, which is right, and the one on npm. */
import type { Sample } from './make-strings.ts';
import { type Encode, type Rule, withoutKnownDifferences } from './npm-tokenizer.ts';

/** A string on which someone is wrong. */
export interface Difference extends Sample {
  readonly who: 'this project' | 'npm';
  readonly wanted: readonly number[];
  readonly got: readonly number[];
}

export interface Comparison {
  readonly passed: number;
  readonly failed: number;
  readonly differences: readonly Difference[];
  /** How often npm differs as the rules say, a string may count for several. */
  readonly tolerated: ReadonlyMap<Rule, number>;
  /** Strings that npm has otherwise, all of them by a rule. */
  readonly toleratedStrings: number;
}

interface Tokenizers {
  readonly ours: Encode;
  readonly npm: Encode;
}

/**
 * `wanted` holds Python's ids of every sample. A string fails if ours differ, or if npm's differ and no rule
 * is about the string, or still do once what the rules are about is taken out of it.
 */
export function compare(
  samples: readonly Sample[],
  wanted: readonly (readonly number[])[],
  { ours, npm }: Tokenizers,
): Comparison {
  const differences: Difference[] = [];
  const tolerated = new Map<Rule, number>();
  const failed = new Set<number>();
  let toleratedStrings = 0;
  for (const [i, sample] of samples.entries()) {
    const right = wanted[i] ?? [];
    const mine = ours(sample.text);
    const theirs = npm(sample.text);
    if (!isSame(mine, right)) {
      differences.push({ ...sample, who: 'this project', wanted: right, got: mine });
      failed.add(i);
    }
    if (isSame(theirs, right)) continue;
    const alike = withoutKnownDifferences(sample.text);
    if (alike.rules.length > 0 && isSame(npm(alike.text), ours(alike.text))) {
      toleratedStrings += 1;
      for (const rule of alike.rules) tolerated.set(rule, (tolerated.get(rule) ?? 0) + 1);
    } else {
      differences.push({ ...sample, who: 'npm', wanted: right, got: theirs });
      failed.add(i);
    }
  }
  const passed = samples.length - failed.size;
  return { passed, failed: failed.size, differences, tolerated, toleratedStrings };
}

function isSame(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((id, i) => id === right[i]);
}
