/** The thread that decodes: ONNX Runtime over the server's own graph, its state carried from chunk to chunk. */
import type * as OnnxRuntime from 'onnxruntime-web';
import { fineCodes } from '#shared/bark/shapes.ts';
import { StatefulStream, type CodecState, type RunCodec } from '#shared/codec/stateful-stream.ts';
import type { Answer, Question } from './codec-messages.ts';

type Runtime = Pick<typeof OnnxRuntime, 'env' | 'InferenceSession' | 'Tensor'>;

/** What computes: an execution provider, and the build of the runtime that has it. */
interface Device {
  readonly provider: 'wasm' | 'webgpu';
  /** Part of the names of the runtime's files. */
  readonly build: '' | '-jspi';
}

interface Decoder {
  readonly states: readonly CodecState[];
  readonly run: RunCodec;
}

/** Answers the page's questions one after another. */
export function serveDecoder(runtime: Runtime, device: Device): void {
  const streams = new Map<number, StatefulStream>();
  let decoder: Decoder | null = null;
  let last: Promise<void> = Promise.resolve();

  async function answer(question: Question): Promise<Answer> {
    if (question.type === 'open') {
      decoder = await openDecoder(runtime, device, question);
      return { type: 'done' };
    }
    if (question.type === 'close') {
      streams.get(question.stream)?.close();
      streams.delete(question.stream);
      return { type: 'done' };
    }
    if (decoder === null) throw new TypeError('There is no decoder yet.');
    const stream = streams.get(question.stream) ?? new StatefulStream(decoder.states, decoder.run);
    streams.set(question.stream, stream);
    const codes = fineCodes(Int32Array.from(question.codes), Number.POSITIVE_INFINITY);
    const samples = await stream.decode(codes, new AbortController().signal);
    return { type: 'samples', samples: Float32Array.from(samples) };
  }

  /** In their order: a chunk needs the state that the one before has left. */
  async function serve(before: Promise<void>, question: Question): Promise<void> {
    await before;
    let told: Answer;
    try {
      told = await answer(question);
    } catch {
      told = { type: 'failed' };
    }
    postMessage(told, { transfer: told.type === 'samples' ? [told.samples.buffer] : [] });
  }

  addEventListener('message', ({ data }: MessageEvent<Question>) => {
    last = serve(last, data);
  });
}

async function openDecoder(
  { env, InferenceSession, Tensor }: Runtime,
  { provider, build }: Device,
  { file, codebooks }: Extract<Question, { type: 'open' }>,
): Promise<Decoder> {
  const name = new URL(`/playground/ort-${env.versions.web ?? ''}${build}`, location.href).href;
  env.wasm.wasmPaths = { mjs: `${name}.mjs`, wasm: `${name}.wasm` };
  // more would need shared memory, which only pages have that nobody may embed or open
  env.wasm.numThreads = 1;
  env.logLevel = 'error';
  const session = await InferenceSession.create(file, {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  const states = session.inputMetadata.flatMap((input) =>
    input.isTensor && input.name.startsWith('state_')
      ? [{ name: input.name, shape: input.shape.map(Number) }]
      : [],
  );
  return {
    states,
    async run({ codes, isFirst, states: values }) {
      const feeds: Record<string, OnnxRuntime.Tensor> = {
        codes: new Tensor('int32', Int32Array.from(codes), [codebooks, codes.length / codebooks]),
        first: new Tensor('bool', [isFirst], []),
      };
      for (const { name: state, shape } of states) {
        feeds[state] = new Tensor('float32', values.get(state) ?? new Float32Array(0), shape);
      }
      const outputs = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(outputs).map(([output, { data }]) => [output, floats(data)]),
      );
    },
  };
}

function floats(data: OnnxRuntime.Tensor['data']): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new TypeError('An output is not of float32.');
}
