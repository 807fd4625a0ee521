/** The one door to ONNX Runtime: opens a graph that we wrote, on whichever device, and runs it. */
import './no-telemetry.ts';
import type { OnnxModel } from '../graph/onnx-model.ts';
import { openProvider } from './providers/open-provider.ts';
import type { Provider } from './providers/provider.ts';

export interface SessionOptions {
  /** Threads of one forward. */
  readonly threads: number;
  /** The device that computes; the processor unless given. */
  readonly provider?: Provider;
}

/** Values row by row, the last dimension's side by side; a bool is 0 or 1. */
export type Tensor = { readonly shape: readonly number[] } & (
  | { readonly type: 'float32'; readonly data: Float32Array }
  | { readonly type: 'int64'; readonly data: BigInt64Array }
  | { readonly type: 'int32'; readonly data: Int32Array }
  | { readonly type: 'bool'; readonly data: Uint8Array }
);

/** Named tensors that go in. */
export type Feeds = Readonly<Record<string, Tensor>>;

export interface Session {
  /** Runs the graph, all of whose outputs are float32; the arrays of the answer belong to the caller. */
  run(feeds: Feeds, signal: AbortSignal): Promise<Readonly<Record<string, Float32Array>>>;
  /** Gives the memory back; the session is spent. */
  release(): Promise<void>;
}

/** A tensor in the memory of the device; whoever has it releases it. */
export interface KeptTensor {
  release(): void;
}

/** A session that leaves some outputs, named when it was opened, where the device computes. */
export interface KeepingSession {
  /** Takes kept tensors as they are; those of the answer belong to the caller, as the arrays do. */
  run(
    feeds: Readonly<Record<string, Tensor | KeptTensor>>,
    signal: AbortSignal,
  ): Promise<{
    readonly arrays: Readonly<Record<string, Float32Array>>;
    readonly kept: Readonly<Record<string, KeptTensor>>;
  }>;
  /** Gives the memory back but for what is kept; the session is spent. */
  release(): Promise<void>;
}

export async function openSession(
  graph: OnnxModel,
  { threads, provider }: SessionOptions,
): Promise<Session> {
  const device = provider ?? (await openProvider('cpu', threads));
  return await device.open(graph, { threads });
}

export function float32(data: Float32Array, shape: readonly number[]): Tensor {
  return { type: 'float32', data, shape };
}

export function int64(
  values: readonly number[],
  shape: readonly number[] = [values.length],
): Tensor {
  return { type: 'int64', data: BigInt64Array.from(values, BigInt), shape };
}

export function int32(
  values: readonly number[],
  shape: readonly number[] = [values.length],
): Tensor {
  return { type: 'int32', data: Int32Array.from(values), shape };
}

export function bool(value: boolean): Tensor {
  return { type: 'bool', data: Uint8Array.of(value ? 1 : 0), shape: [] };
}
