/** EnCodec's decoder on ONNX Runtime, its state carried from chunk to chunk. */
import type { FineCodes } from '#shared/bark/shapes.ts';
import type { CodecModel } from '#shared/codec/codec-model.ts';
import { StatefulStream, type CodecRun, type CodecState } from '#shared/codec/stateful-stream.ts';
import type { CodecDecoderWeights } from '../checkpoint/weights.ts';
import { codecDecoderGraph } from '../graph/codec-decoder.ts';
import { addEmbedding } from './embedding.ts';
import {
  bool,
  float32,
  openSession,
  type Session,
  type SessionOptions,
  type Tensor,
} from './session.ts';

export async function openCodecModel(
  weights: CodecDecoderWeights,
  options: SessionOptions,
): Promise<CodecModel & { release(): Promise<void> }> {
  const graph = codecDecoderGraph(weights);
  const session = await openSession(graph, options);
  const sizes = {
    hopSamples: weights.stages.reduce((hop, { ratio }) => hop * ratio, 1),
    firstChunkFrames: (weights.convIn.kernel - 1) * weights.convIn.dilation + 1,
  };
  const { codebooks } = weights;
  const quantizer = { codebooks, width: weights.convIn.inputs };
  return streamsOf(session, graph.states, quantizer, sizes);
}

interface Quantizer {
  /** [codebookSize, width] each. */
  readonly codebooks: readonly Float32Array[];
  readonly width: number;
}

/** Apart from the above, so that the streams keep the codebooks alone and not all weights. */
function streamsOf(
  session: Session,
  states: readonly CodecState[],
  quantizer: Quantizer,
  sizes: Pick<CodecModel, 'hopSamples' | 'firstChunkFrames'>,
): CodecModel & { release(): Promise<void> } {
  return {
    ...sizes,
    open: () =>
      new StatefulStream(states, (run, signal) =>
        session.run(feedsOf(run, states, quantizer), signal),
      ),
    release: () => session.release(),
  };
}

function feedsOf(
  { codes, isFirst, states: values }: CodecRun,
  states: readonly CodecState[],
  quantizer: Quantizer,
): Record<string, Tensor> {
  const latent = latentOf(codes, quantizer);
  const feeds: Record<string, Tensor> = {
    latent: float32(latent, [latent.length / quantizer.width, quantizer.width]),
    first: bool(isFirst),
  };
  for (const { name, shape } of states) {
    feeds[name] = float32(values.get(name) ?? new Float32Array(0), shape);
  }
  return feeds;
}

/** The codebooks' vectors of each frame, summed: [frames, width]. */
function latentOf(codes: FineCodes, { codebooks, width }: Quantizer): Float32Array {
  const frames = codes.length / codebooks.length;
  const latent = new Float32Array(frames * width);
  for (let t = 0; t < frames; t += 1) {
    const row = latent.subarray(t * width, (t + 1) * width);
    codebooks.forEach((table, book) => addEmbedding(row, table, codes[book * frames + t] ?? -1));
  }
  return latent;
}
