/**
 * What a sentence asks of any engine, counted by running the real pipeline over models that compute
 * nothing, and the shortest time in which a machine of given limits could do it.
 */
import type { Checkpoint } from '../../gpu-backend/checkpoint/checkpoint.ts';
import type { CodecConfig } from '../../gpu-backend/checkpoint/codec-config.ts';
import type { FineConfig, TransformerConfig } from '../../gpu-backend/checkpoint/config.ts';
import type { BarkModels, CausalModel } from '../../gpu-backend/pipeline/models.ts';
import { philoxRandomness } from '../../gpu-backend/pipeline/randomness.ts';
import { synthesize } from '../../gpu-backend/pipeline/synthesize.ts';
import type { SpeechRequest } from '../../gpu-backend/pipeline/synthesizer.ts';
import { waveform } from '../../shared/bark/shapes.ts';
import type { Limits } from './machine.ts';

/** One call of a model. */
export interface Work {
  /** Operations in matrices of weights. */
  readonly matrixOperations: number;
  /** Operations that stay fp32: attention, and the whole codec. */
  readonly floatOperations: number;
  /** Bytes that come from memory: weights and cache. */
  readonly bytes: number;
  /** Those of them that are weights, which calls that are made together read once. */
  readonly weightBytes: number;
}

/** Bytes of one weight, its share of the scales included. */
export const WEIGHT_BYTES = { fp32: 4, fp16: 4, int8: 1.06, int4: 0.63 } as const;
/** Bytes of a cached number: eight bits where the weights have eight or fewer. */
const cacheBytes = (weightBytes: number): number => (weightBytes < 2 ? 1 : 4);

/** The shortest time for one call: it computes or it reads, at best both at once. */
export function boundMs(work: Work, limits: Limits): number {
  const computing =
    work.matrixOperations / limits.int8PerSecond + work.floatOperations / limits.fp32PerSecond;
  return 1_000 * Math.max(computing, work.bytes / limits.bytesPerSecond);
}

/** `positions` appended to `past` ones; only the last meets the head. */
export function causalWork(
  config: TransformerConfig,
  past: number,
  positions: number,
  weightBytes: number = WEIGHT_BYTES.int8,
): Work {
  const { layers, hiddenSize: h, outputVocabularySize } = config;
  const blocks = layers * 12 * h * h;
  const head = outputVocabularySize * h;
  const seen = positions * past + (positions * (positions + 1)) / 2;
  const weights = (blocks + head) * weightBytes;
  return {
    matrixOperations: 2 * (positions * blocks + head),
    floatOperations: 4 * layers * h * seen,
    bytes: weights + 2 * layers * h * (past + positions) * cacheBytes(weightBytes),
    weightBytes: weights,
  };
}

/** One forward of the fine stage; `scored` frames meet the head. */
export function fineWork(config: FineConfig, frames: number, scored: number): Work {
  const { layers, hiddenSize: h, outputVocabularySize } = config;
  const blocks = layers * 12 * h * h;
  const head = outputVocabularySize * h;
  return {
    matrixOperations: 2 * (frames * blocks + scored * head),
    floatOperations: 4 * layers * h * frames * frames,
    bytes: (blocks + head) * WEIGHT_BYTES.int8,
    weightBytes: (blocks + head) * WEIGHT_BYTES.int8,
  };
}

/** EnCodec's decoder over `frames`. */
export function codecWork(config: CodecConfig, frames: number): Work {
  const widest = config.filters * 2 ** config.upsamplingRatios.length;
  let perFrame =
    config.codebookDimension * widest * config.kernelSize + config.lstmLayers * 8 * widest * widest;
  let channels = widest;
  let rate = 1;
  for (const ratio of config.upsamplingRatios) {
    const narrow = channels / 2;
    // a transposed convolution: each input meets a kernel of two strides
    perFrame += rate * channels * narrow * 2 * ratio;
    rate *= ratio;
    const inner = Math.floor(narrow / config.compress);
    const shortcut = config.useConvShortcut ? narrow * narrow : 0;
    const unit = narrow * inner * config.residualKernelSize + inner * narrow + shortcut;
    perFrame += rate * config.residualLayers * unit;
    channels = narrow;
  }
  perFrame += rate * channels * config.lastKernelSize;
  return { matrixOperations: 0, floatOperations: 2 * perFrame * frames, bytes: 0, weightBytes: 0 };
}

export interface SentenceWork {
  readonly audioSeconds: number;
  /** Calls until the first samples. */
  readonly first: readonly Work[];
  readonly all: readonly Work[];
}

/** Every call that `request` makes; it must say how long it is (`minNewTokens`), since nothing is computed. */
export async function workOf(
  { config, generation }: Pick<Checkpoint, 'config' | 'generation'>,
  request: SpeechRequest,
): Promise<SentenceWork> {
  const calls: Work[] = [];
  const note = (work: Work): void => void calls.push(work);
  const models: BarkModels = {
    semantic: idleCausal(config.semantic, note),
    coarse: idleCausal(config.coarse, note),
    fine: {
      vocabularySize: config.fine.outputVocabularySize,
      forward: async (window, _, fromRow) => {
        const frames = window.length / config.fine.codesTotal;
        note(fineWork(config.fine, frames, frames - fromRow));
        return new Float32Array((frames - fromRow) * config.fine.outputVocabularySize);
      },
    },
    codec: {
      hopSamples: config.codec.hopLength,
      firstChunkFrames: config.codec.kernelSize,
      open: () => ({
        decode: async (codes) => {
          const frames = codes.length / config.fine.codesTotal;
          note(codecWork(config.codec, frames));
          return waveform(new Float32Array(frames * config.codec.hopLength));
        },
        close: () => undefined,
      }),
    },
  };
  let first: Work[] | null = null;
  let samples = 0;
  const events = synthesize(
    { models, generation, randomness: philoxRandomness, now: () => 0 },
    request,
    new AbortController().signal,
  );
  for await (const event of events) {
    if (event.type !== 'audio') continue;
    first ??= [...calls];
    samples += event.samples.length;
  }
  return { audioSeconds: samples / generation.sampleRate, first: first ?? calls, all: calls };
}

/** Of these calls, each made for `streams` sentences together: weights are read once for all of them. */
export function totalBoundMs(calls: readonly Work[], limits: Limits, streams = 1): number {
  return calls.reduce((sum, work) => sum + boundMs(together(work, streams), limits), 0);
}

/** The same call for several sentences. */
export function together(work: Work, count: number): Work {
  return {
    matrixOperations: count * work.matrixOperations,
    floatOperations: count * work.floatOperations,
    bytes: work.weightBytes + count * (work.bytes - work.weightBytes),
    weightBytes: work.weightBytes,
  };
}

function idleCausal(config: TransformerConfig, note: (work: Work) => void): CausalModel {
  return {
    vocabularySize: config.outputVocabularySize,
    blockSize: config.blockSize,
    open() {
      let past = 0;
      return {
        append: async (parts) => {
          const positions = parts.reduce((sum, { ids }) => sum + ids.length, 0);
          note(causalWork(config, past, positions));
          past += positions;
          return new Float32Array(config.outputVocabularySize);
        },
        close: () => undefined,
      };
    },
  };
}
