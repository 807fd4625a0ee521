/**
 * EnCodec's encoder on ONNX Runtime, and its residual vector quantizer: a recording becomes codes, a second at a
 * time, so that memory does not grow with its length. Codes are those of encoding it at once.
 */
import { fineCodes, type FineCodes, type Waveform } from '#shared/bark/shapes.ts';
import type { CodecEncoderWeights } from '../checkpoint/encoder-weights.ts';
import { codecEncoderGraph, firstChunkFrames } from '../graph/codec-encoder.ts';
import { residualQuantizer } from './residual-quantizer.ts';
import { bool, float32, openSession, type SessionOptions } from './session.ts';

/** EnCodec's encoder. */
export interface CodecEncoder {
  /** Samples a second of what it encodes. */
  readonly sampleRate: number;
  /** Samples of one frame. */
  readonly hopSamples: number;
  /**
   * Codes of a recording, [codebooks, ceil(samples / hopSamples)] row by row, nearest entry of each codebook in
   * turn. The end of the recording is mirrored to fill the last frame. Throws RangeError for a recording that is
   * empty or has a sample that is no number; aborting stops it before the next second.
   */
  encode(samples: Waveform, signal: AbortSignal): Promise<FineCodes>;
}

/** Samples a second of the published codec, and of any that can be opened. */
const SAMPLE_RATE = 24_000;

export interface EncoderOptions extends SessionOptions {
  /** About how many samples are encoded at a time, which bounds the memory: one second unless said otherwise. */
  readonly chunkSamples?: number;
}

/** Throws RangeError for weights of which the layers do not fit together. */
export async function openCodecEncoder(
  weights: CodecEncoderWeights,
  { chunkSamples = SAMPLE_RATE, ...options }: EncoderOptions,
): Promise<CodecEncoder & { release(): Promise<void> }> {
  const graph = codecEncoderGraph(weights);
  const session = await openSession(graph, options);
  const quantize = residualQuantizer(weights.codebooks, weights.convOut.outputs);
  const books = weights.codebooks.length;
  const codebookSize = (weights.codebooks[0]?.length ?? 0) / weights.convOut.outputs;
  const hopSamples = weights.stages.reduce((hop, { ratio }) => hop * ratio, 1);
  const chunkFrames = Math.max(Math.floor(chunkSamples / hopSamples), firstChunkFrames(weights));

  return {
    sampleRate: SAMPLE_RATE,
    hopSamples,
    async encode(samples, signal) {
      checkSamples(samples);
      const frames = Math.ceil(samples.length / hopSamples);
      const codes = new Int32Array(books * frames);
      const states = new Map<string, Float32Array>(
        graph.states.map(({ name, shape }) => [
          name,
          new Float32Array(shape.reduce((product, size) => product * size, 1)),
        ]),
      );
      for (let from = 0; from < frames; from += chunkFrames) {
        const chunk = samples.subarray(from * hopSamples, (from + chunkFrames) * hopSamples);
        const feeds: Record<string, ReturnType<typeof float32>> = {
          samples: float32(chunk, [chunk.length]),
          first: bool(from === 0),
        };
        for (const { name, shape } of graph.states) {
          feeds[name] = float32(states.get(name) ?? new Float32Array(0), shape);
        }
        const { latent, ...next } = await session.run(feeds, signal);
        if (latent === undefined) throw new TypeError('The graph gives no latent.');
        for (const { name } of graph.states) {
          const state = next[`next_${name}`];
          if (state === undefined) throw new TypeError(`The graph gives no next_${name}.`);
          states.set(name, state);
        }
        quantize(latent, (book, frame, code) => {
          codes[book * frames + from + frame] = code;
        });
      }
      return fineCodes(codes, codebookSize);
    },
    release: () => session.release(),
  };
}

function checkSamples(samples: Waveform): void {
  if (samples.length === 0) {
    throw new RangeError('The recording has no samples; give at least one.');
  }
  const fault = samples.findIndex((sample) => !Number.isFinite(sample));
  if (fault !== -1) {
    throw new RangeError(
      `Sample ${fault} of the recording is ${samples[fault]}; samples are finite numbers, nominally in -1..1.`,
    );
  }
}
