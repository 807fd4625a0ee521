/**
 * What the pipeline needs of the models; who computes (ONNX Runtime on a CPU, a GPU, a test) is not
 * its business. Sequences are independent, so an implementation may answer the pending steps of
 * many of them with one batched run.
 */
import type { CodecModel } from '#shared/codec/codec-model.ts';

/** Ids whose embeddings make up part of a prompt; with `plus`, the two embeddings of a position are summed. */
export interface PromptPart {
  /** [positions] */
  readonly ids: Int32Array;
  /** [positions] */
  readonly plus?: Int32Array;
}

/** A transformer that predicts the next id: the semantic and the coarse stage. */
export interface CausalModel {
  /** Number of ids that it scores. */
  readonly vocabularySize: number;
  /** Most positions of a sequence. */
  readonly blockSize: number;
  /** A new, empty sequence; close it to give its cache back. */
  open(): Sequence;
}

/** One row's positions and their cache. Calls do not overlap. */
export interface Sequence {
  /**
   * Appends the parts one after another; answers the scores of the id after them, [vocabularySize],
   * valid until the next call. Throws RangeError beyond `blockSize`.
   */
  append(parts: readonly PromptPart[], signal: AbortSignal): Promise<Float32Array>;
  close(): void;
}

/** The fine stage: sees all frames of a window at once. */
export interface FineModel {
  /** Columns of what `forward` answers; only the first `codebookSize` are codes. */
  readonly vocabularySize: number;
  /**
   * Scores for one codebook of the rows `fromRow`.. of a window: [frames - fromRow, vocabularySize].
   * `window` is [frames, codebooks] row by row, codes 0..codebookSize, the last meaning unknown.
   */
  forward(
    window: Int32Array,
    codebook: number,
    fromRow: number,
    signal: AbortSignal,
  ): Promise<Float32Array>;
}

export interface BarkModels {
  readonly semantic: CausalModel;
  readonly coarse: CausalModel;
  readonly fine: FineModel;
  readonly codec: CodecModel;
}
