/** Alternating rounds, so that a disturbance of the machine meets every variant alike; medians and ratios. */
import { cpus, loadavg } from 'node:os';
import { createRequire } from 'node:module';

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
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, run } of round % 2 === 0 ? variants : variants.toReversed()) {
      const startMs = performance.now();
      await run();
      times.get(name)?.push(performance.now() - startMs);
    }
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

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly loadAverage: readonly number[];
  readonly node: string;
  readonly onnxruntime: string;
  /** Bytes a second that one thread reads from memory, the best of some passes. */
  readonly readBytesPerSecond: number;
}

export function describeMachine(): Machine {
  const manifest: unknown = createRequire(import.meta.url)('onnxruntime-node/package.json');
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : 'unknown';
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    loadAverage: loadavg().map((load) => Math.round(load * 10) / 10),
    node: process.version,
    onnxruntime: version,
    readBytesPerSecond: memoryBandwidth(),
  };
}

/** A copy of 256 MB reads and writes that much; the best of ten counts. */
function memoryBandwidth(): number {
  const size = 256 * 1024 * 1024;
  const [from, to] = [new Uint8Array(size).fill(1), new Uint8Array(size).fill(2)];
  let bestMs = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < 10; pass += 1) {
    const startMs = performance.now();
    to.set(from);
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  return (2 * size * 1000) / bestMs;
}
