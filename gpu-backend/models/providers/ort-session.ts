/** Sessions over the interface that ONNX Runtime's packages for Node and for WebAssembly share. */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { OnnxModel } from '../../graph/onnx-model.ts';
import type { KeepingSession, KeptTensor, Session, Tensor } from '../session.ts';

/** The part of either package that is used. */
export interface OrtRuntime {
  readonly InferenceSession: Pick<typeof InferenceSession, 'create'>;
  readonly Tensor: typeof OrtTensor;
}

type Options = InferenceSession.SessionOptions;

export async function openOrtSession(
  runtime: OrtRuntime,
  graph: OnnxModel,
  options: Options,
  runOptions?: InferenceSession.RunOptions,
): Promise<Session> {
  const session = await openKeepingOrtSession(runtime, graph, options, [], runOptions);
  return {
    run: async (feeds, signal) => (await session.run(feeds, signal)).arrays,
    release: () => session.release(),
  };
}

/** Outputs named in `kept` stay in buffers of the GPU. */
export async function openKeepingOrtSession(
  { InferenceSession: sessions, Tensor: tensors }: OrtRuntime,
  graph: OnnxModel,
  options: Options,
  kept: readonly string[],
  runOptions: InferenceSession.RunOptions = {},
): Promise<KeepingSession> {
  const session = await sessions.create(graph.model, {
    ...options,
    externalData: graph.externalData,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(kept.length > 0 && {
      preferredOutputLocation: Object.fromEntries(kept.map((name) => [name, 'gpu-buffer'])),
    }),
  });
  return {
    async run(feeds, signal) {
      signal.throwIfAborted();
      const outputs = await session.run(
        Object.fromEntries(
          Object.entries(feeds).map(([name, value]) => [name, ortTensor(tensors, value)]),
        ),
        runOptions,
      );
      const arrays: Record<string, Float32Array> = {};
      const stayed: Record<string, KeptTensor> = {};
      for (const [name, value] of Object.entries(outputs)) {
        if (kept.includes(name)) stayed[name] = new OrtKeptTensor(value);
        else arrays[name] = floats(name, value);
      }
      return { arrays, kept: stayed };
    },
    release: () => session.release(),
  };
}

class OrtKeptTensor implements KeptTensor {
  readonly tensor: OrtTensor;

  constructor(tensor: OrtTensor) {
    this.tensor = tensor;
  }

  release(): void {
    this.tensor.dispose();
  }
}

function ortTensor(tensors: typeof OrtTensor, value: Tensor | KeptTensor): OrtTensor {
  if (value instanceof OrtKeptTensor) return value.tensor;
  if ('release' in value) throw new TypeError('The tensor is kept by another device.');
  return new tensors(value.type, value.data, value.shape);
}

function floats(name: string, { data }: OrtTensor): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new TypeError(`The output ${name} is not a float32 tensor.`);
}
