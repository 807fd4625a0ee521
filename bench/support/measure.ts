/** Alternating rounds, so that a disturbance of the machine meets every variant alike; medians and ratios. */
import { quantile } from './quantile.ts';
import type { Row } from './table.ts';

export interface Variant {
  readonly name: string;
  readonly run: () => Promise<void> | void;
}

export interface Measured {
  readonly name: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** The least disturbed of all runs. */
  readonly bestMs: number;
  /** Median over rounds of the control's time divided by this variant's in the same round. */
  readonly timesFaster: number;
}

/** Runs all variants in turn, `rounds` times, every other round backwards; the first is the control. */
export async function alternate(variants: readonly Variant[], rounds: number): Promise<Measured[]> {
  const times = new Map<string, number[]>(variants.map(({ name }) => [name, []]));
  for (const { run } of variants) await run();
  for (const { name, run } of turns(variants, rounds)) {
    const startMs = performance.now();
    await run();
    times.get(name)?.push(performance.now() - startMs);
  }
  const control = times.get(variants[0]?.name ?? '') ?? [];
  return variants.map(({ name }) => {
    const own = times.get(name) ?? [];
    return {
      name,
      p50Ms: quantile(own, 0.5),
      p95Ms: quantile(own, 0.95),
      bestMs: Math.min(...own),
      timesFaster: quantile(
        own.map((ms, round) => (control[round] ?? Number.NaN) / ms),
        0.5,
      ),
    };
  });
}

/** All items once a round, every other round backwards. */
export function* turns<Item>(items: readonly Item[], rounds: number): Generator<Item, void> {
  for (let round = 0; round < rounds; round += 1)
    yield* round % 2 === 0 ? items : items.toReversed();
}

export function measuredRow({ name, p50Ms, p95Ms, bestMs, timesFaster }: Measured): Row {
  return { '': name, 'p50 ms': p50Ms, 'p95 ms': p95Ms, 'best ms': bestMs, faster: timesFaster };
}
