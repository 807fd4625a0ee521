/** What each stage has cost, sentence by sentence, as bars laid end to end. */
import type { Facts } from './edge.ts';

export const STAGES = ['queue', 'semantic', 'coarse', 'fine', 'codec', 'encode'] as const;

export type Stage = (typeof STAGES)[number];

export interface Bar {
  /** Milliseconds before it. */
  readonly from: number;
  readonly ms: number;
  /** Guessed from what the take before has cost, until the edge tells. */
  readonly isEstimate: boolean;
}

export interface StageRow {
  readonly stage: Stage;
  readonly bars: readonly Bar[];
  /** Null while nothing is known. */
  readonly ms: number | null;
  /** Tokens, tokens, blocks, frames; null where a stage has none. */
  readonly steps: number | null;
}

export interface Waterfall {
  readonly rows: readonly StageRow[];
  /** All bars end before it. */
  readonly totalMs: number;
}

/** Milliseconds of a stage in one sentence, and its steps. */
type Costs = Readonly<
  Partial<Record<Stage, { readonly ms: number; readonly steps: number | null }>>
>;

/** Of sentences that have ended (`/v1/requests/{id}`), and of the one at work, if something is known of it. */
export function waterfall(sentences: readonly Costs[], atWork: Costs | null): Waterfall {
  const bars = new Map<Stage, Bar[]>(STAGES.map((stage) => [stage, []]));
  let from = 0;
  const lay = (costs: Costs, isEstimate: boolean): void => {
    for (const stage of STAGES) {
      const ms = costs[stage]?.ms ?? 0;
      if (ms > 0) bars.get(stage)?.push({ from, ms, isEstimate });
      from += ms;
    }
  };
  for (const costs of sentences) lay(costs, false);
  if (atWork !== null) lay(atWork, true);
  return {
    totalMs: from,
    rows: STAGES.map((stage) => {
      const known = sentences.flatMap((costs) => costs[stage] ?? []);
      return {
        stage,
        bars: bars.get(stage) ?? [],
        ms: known.length === 0 ? null : sum(known.map(({ ms }) => ms)),
        steps: known.every(({ steps }) => steps === null)
          ? null
          : sum(known.map(({ steps }) => steps ?? 0)),
      };
    }),
  };
}

/** One sentence of `/v1/requests/{id}`; empty where it did not come to its end. */
export function sentenceCosts(sentence: Facts): Costs {
  const costs = STAGES.flatMap((stage) => {
    const { ms, steps } = Object(sentence[stage]);
    return typeof ms === 'number' ? [[stage, { ms, steps: Number(steps) }] as const] : [];
  });
  const queue = sentence['queue_ms'];
  return {
    ...(typeof queue === 'number' ? { queue: { ms: queue, steps: null } } : {}),
    ...Object.fromEntries(costs),
  };
}

/** All of a speech as one, from `speech.audio.done` or `/v1/takes/{id}`. */
export function speechCosts(facts: Facts): Costs {
  const costs = STAGES.flatMap((stage) => {
    const told = facts[`${stage}_ms`];
    const ms = Array.isArray(told) ? sum(told.map(Number)) : told;
    if (typeof ms !== 'number') return [];
    const steps = facts[`${stage}_steps`];
    return [[stage, { ms, steps: typeof steps === 'number' ? steps : null }] as const];
  });
  return Object.fromEntries(costs);
}

/** What so many seconds of sound cost, if they cost as much as those before; null where nothing is known. */
export function estimate(before: Facts | null, seconds: number): Costs | null {
  if (before === null) return null;
  const samples = Number(before['samples']);
  const rate = Number(before['sample_rate'] ?? MODEL_RATE);
  if (!(samples > 0) || seconds <= 0) return null;
  const share = seconds / (samples / rate);
  const costs = Object.entries(speechCosts(before)).map(
    ([stage, { ms }]) => [stage, { ms: stage === 'queue' ? 0 : ms * share, steps: null }] as const,
  );
  return Object.fromEntries(costs);
}

/** Samples a second that the model speaks at. */
const MODEL_RATE = 24_000;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
