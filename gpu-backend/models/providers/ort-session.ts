/** A session over the interface that ONNX Runtime's packages for Node and for WebAssembly share. */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { OnnxModel } from '../../graph/onnx-model.ts';
import type { Session, Tensor } from '../session.ts';

/** The part of either package that is used. */
export interface OrtRuntime {
  readonly InferenceSession: Pick<typeof InferenceSession, 'create'>;
  readonly Tensor: typeof OrtTensor;
}

export async function openOrtSession(
  { InferenceSession: sessions, Tensor: tensors }: OrtRuntime,
  graph: OnnxModel,
  options: InferenceSession.SessionOptions,
): Promise<Session> {
  const session = await sessions.create(graph.model, {
    ...options,
    externalData: graph.externalData,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  return {
    async run(feeds, signal) {
      signal.throwIfAborted();
      const outputs = await session.run(
        Object.fromEntries(
          Object.entries(feeds).map(([name, value]) => [name, ortTensor(tensors, value)]),
        ),
      );
      return Object.fromEntries(
        Object.entries(outputs).map(([name, value]) => [name, floats(name, value)]),
      );
    },
    release: () => session.release(),
  };
}

function ortTensor(tensors: typeof OrtTensor, { type, data, shape }: Tensor): OrtTensor {
  return new tensors(type, data, shape);
}

function floats(name: string, value: InferenceSession.OnnxValueMapType[string]): Float32Array {
  if ('data' in value && value.data instanceof Float32Array) return value.data;
  throw new TypeError(`The output ${name} is not a float32 tensor.`);
}
