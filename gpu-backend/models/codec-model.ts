/** EnCodec's decoder on ONNX Runtime, its state carried from chunk to chunk. */
import type { CodecDecoderWeights } from '../checkpoint/weights.ts';
import { waveform, type FineCodes, type Waveform } from '#shared/bark/shapes.ts';
import { codecDecoderGraph } from '../graph/codec-decoder.ts';
import type { CodecState } from '../graph/codec-layers.ts';
import type { CodecModel, CodecStream } from '../pipeline/models.ts';
import { addEmbedding } from './embedding.ts';
import { bool, float32, openSession, type Session, type SessionOptions } from './session.ts';

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
    open: () => new StatefulCodecStream(session, states, quantizer),
    release: () => session.release(),
  };
}

class StatefulCodecStream implements CodecStream {
  readonly #session: Session;
  readonly #quantizer: Quantizer;
  readonly #states: readonly CodecState[];
  readonly #values = new Map<string, Float32Array>();
  #isFirst = true;

  constructor(session: Session, states: readonly CodecState[], quantizer: Quantizer) {
    this.#session = session;
    this.#states = states;
    this.#quantizer = quantizer;
    for (const { name, shape } of states) {
      this.#values.set(name, new Float32Array(shape.reduce((product, size) => product * size, 1)));
    }
  }

  async decode(codes: FineCodes, signal: AbortSignal): Promise<Waveform> {
    const { codebooks, width } = this.#quantizer;
    const frames = codes.length / codebooks.length;
    if (frames === 0) return waveform(new Float32Array(0));
    const latent = new Float32Array(frames * width);
    for (let t = 0; t < frames; t += 1) {
      const row = latent.subarray(t * width, (t + 1) * width);
      codebooks.forEach((table, book) => addEmbedding(row, table, codes[book * frames + t] ?? -1));
    }
    const feeds: Record<string, ReturnType<typeof float32>> = {
      latent: float32(latent, [frames, width]),
      first: bool(this.#isFirst),
    };
    for (const { name, shape } of this.#states) {
      feeds[name] = float32(this.#values.get(name) ?? new Float32Array(0), shape);
    }
    const outputs = await this.#session.run(feeds, signal);
    for (const { name } of this.#states) {
      const next = outputs[`next_${name}`];
      if (next === undefined) throw new TypeError(`The graph gives no next_${name}.`);
      this.#values.set(name, next);
    }
    this.#isFirst = false;
    const { audio } = outputs;
    if (audio === undefined) throw new TypeError('The graph gives no audio.');
    return waveform(audio);
  }

  close(): void {
    this.#values.clear();
  }
}
