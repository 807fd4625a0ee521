/** The machine as it is now: what it is, how busy, and what it can do at most. */
import '../../gpu-backend/models/no-telemetry.ts';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { Worker } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ELEMENT, GraphBuilder } from '../../gpu-backend/graph/onnx-model.ts';
import { RandomFloats } from './random-floats.ts';

export interface Machine {
  readonly cpu: string;
  readonly processors: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly onnxruntime: string;
  readonly koffi: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    processors: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    onnxruntime: versionOf('onnxruntime-node'),
    koffi: versionOf('koffi'),
  };
}

/** Load average of the last minute. */
export function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}

function versionOf(name: string): string {
  try {
    // not every package lets its manifest be imported
    const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
      return String(manifest.version);
  } catch {
    // an optional package
  }
  return 'not installed';
}

/** The best that was seen of a few short attempts: what an engine can't beat with these kernels. */
export interface Limits {
  /** Bytes a second that all threads together read from memory. */
  readonly bytesPerSecond: number;
  /** Operations (multiplications and additions) a second in 8-bit matrices. */
  readonly int8PerSecond: number;
  /** The same in fp32. */
  readonly fp32PerSecond: number;
}

/** Measures when it is asked, once for a number of threads. */
export function limitsMeter(): {
  readonly of: (threads: number) => Promise<Limits>;
  /** What was measured so far, by threads. */
  readonly measured: Readonly<Record<number, Limits>>;
} {
  const measured: Record<number, Limits> = {};
  return {
    measured,
    of: async (threads) => (measured[threads] ??= await measureLimits(threads)),
  };
}

async function measureLimits(threads: number): Promise<Limits> {
  return {
    bytesPerSecond: await memoryBandwidth(threads),
    int8PerSecond: await matrixSpeed('int8', threads),
    fp32PerSecond: await matrixSpeed('fp32', threads),
  };
}

/** Every thread compares two buffers of its own, far larger than any cache. */
async function memoryBandwidth(threads: number): Promise<number> {
  const perThread = await Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(new URL('./read-memory.ts', import.meta.url));
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    ),
  );
  return perThread.reduce((sum, bytes) => sum + bytes, 0);
}

/** The largest product that the stages come near to: 1 024 rows, 3 072 inputs and outputs, in ONNX Runtime's kernels. */
async function matrixSpeed(kind: 'int8' | 'fp32', threads: number): Promise<number> {
  const [rows, width] = [1_024, 3_072];
  const random = new RandomFloats(3);
  const graph = new GraphBuilder('speed');
  const x = graph.input('x', 'float32', [rows, width]);
  const weight = random.take(width * width, 127);
  const product =
    kind === 'int8'
      ? graph.op('MatMulInteger', [
          graph.op('Cast', [x], { to: ELEMENT.uint8 }),
          graph.constant('int8', Int8Array.from(weight), [width, width]),
        ])
      : graph.op('MatMul', [x, graph.weight(weight, [width, width])]);
  // only a column comes back: copying all of it would be measured too
  const column = graph.op('ReduceMax', [product, graph.int64([1])]);
  graph.output('y', column, kind === 'int8' ? 'int32' : 'float32', [rows, 1]);
  const { model, externalData } = graph.build();
  const session = await InferenceSession.create(model, {
    externalData,
    intraOpNumThreads: threads,
  });
  const data = random.take(rows * width, 100).map(Math.abs);
  const feeds = { x: new Tensor('float32', data, [rows, width]) };
  let bestMs = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < 12; pass += 1) {
    const startMs = performance.now();
    await session.run(feeds);
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  await session.release();
  return (2 * rows * width * width * 1_000) / bestMs;
}
