/**
 * The latency modes: what each changes of the reference's schedule so that sound leaves earlier.
 * `exact` changes nothing; the others predict the fine codes in blocks as the coarse ones come, and
 * `fast` gives the coarse stage longer strides over less history.
 */
import type { LatencyMode } from '#shared/bark/options.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';

/** How the fine stage predicts a sentence that is still being made. */
export interface FineBlocks {
  /** Frames before a block that it sees: of the sentence, and at first of the voice. */
  readonly historyFrames: number;
  /** New frames of the first block; sound begins once they and the look-ahead are there. */
  readonly firstFrames: number;
  /** New frames of the second block; each one after it is half as long again, up to the largest. */
  readonly secondFrames: number;
  /** New frames of the largest blocks: what a block sees beside its own frames is predicted less often. */
  readonly largestFrames: number;
  /** Frames after a block that it sees, predicted again with the next one. */
  readonly lookaheadFrames: number;
}

export interface LatencyPlan {
  /** Ids of one coarse window, even; the reference has 60. */
  readonly slidingWindowLength: number;
  /** Most earlier coarse ids in a window's prompt; the reference has 630. */
  readonly maxCoarseHistory: number;
  /** Null follows the reference: windows of 1024 frames once all they see is there. */
  readonly fine: FineBlocks | null;
}

/** Two seconds of sound. */
const LARGEST_BLOCK_FRAMES = 150;

/** The plan of a mode for a checkpoint; never asks for more than the checkpoint's own lengths. */
export function latencyPlan(mode: LatencyMode, { coarse, fine }: GenerationConfig): LatencyPlan {
  const exact = {
    slidingWindowLength: coarse.slidingWindowLength,
    maxCoarseHistory: coarse.maxCoarseHistory,
    fine: null,
  };
  switch (mode) {
    case 'exact':
      return exact;
    case 'balanced':
      return {
        ...exact,
        fine: {
          historyFrames: Math.min(192, fine.maxFineHistoryLength),
          firstFrames: 20,
          secondFrames: 50,
          largestFrames: LARGEST_BLOCK_FRAMES,
          lookaheadFrames: 10,
        },
      };
    case 'fast':
      return {
        slidingWindowLength: 2 * coarse.slidingWindowLength,
        maxCoarseHistory: Math.min(300, coarse.maxCoarseHistory),
        fine: {
          historyFrames: Math.min(96, fine.maxFineHistoryLength),
          firstFrames: 25,
          secondFrames: 60,
          largestFrames: LARGEST_BLOCK_FRAMES,
          lookaheadFrames: 5,
        },
      };
    default:
      throw mode satisfies never;
  }
}
