/** The one door to ONNX Runtime: opens a graph that we wrote and runs it. */
import './no-telemetry.ts';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { OnnxModel } from '../graph/onnx-model.ts';

export interface SessionOptions {
  /** Threads of one forward. */
  readonly threads: number;
}

/** Named tensors in and out; float32 unless said otherwise. */
export type Feeds = Readonly<Record<string, Tensor>>;

export interface Session {
  /** Runs the graph; the arrays of the answer belong to the caller. */
  run(feeds: Feeds, signal: AbortSignal): Promise<Readonly<Record<string, Float32Array>>>;
  /** Gives the memory back; the session is spent. */
  release(): Promise<void>;
}

export async function openSession(graph: OnnxModel, { threads }: SessionOptions): Promise<Session> {
  const session = await InferenceSession.create(graph.model, {
    externalData: graph.externalData,
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // an arena keeps its largest moment for ever, and wins no time that can be measured
    enableCpuMemArena: false,
    enableMemPattern: false,
    // threads that spin between runs starve whatever else the machine does
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return {
    async run(feeds, signal) {
      signal.throwIfAborted();
      const outputs = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, value]) => [name, floats(name, value)]),
      );
    },
    async release() {
      await session.release();
    },
  };
}

function floats(name: string, value: InferenceSession.OnnxValueMapType[string]): Float32Array {
  if (value instanceof Tensor && value.data instanceof Float32Array) return value.data;
  throw new TypeError(`The output ${name} is not a float32 tensor.`);
}

export function float32(data: Float32Array, dims: readonly number[]): Tensor {
  return new Tensor('float32', data, dims);
}

export function int64(
  values: readonly number[],
  dims: readonly number[] = [values.length],
): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

export function int32(
  values: readonly number[],
  dims: readonly number[] = [values.length],
): Tensor {
  return new Tensor('int32', Int32Array.from(values), dims);
}

export function bool(value: boolean): Tensor {
  return new Tensor('bool', Uint8Array.of(value ? 1 : 0), []);
}
