/**
 * The latency modes: what each changes of the reference's schedule so that sound leaves earlier.
 * `exact` changes nothing; the others predict the fine codes in blocks as the coarse ones come, and
 * `fast` gives the coarse stage longer strides over less history.
 */
import type { LatencyMode } from '#shared/bark/options.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import { coarsePerSemantic, coarseRates, maxSemanticHistory } from './windows.ts';

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

/** How the coarse stage goes through a sentence. */
export interface CoarseWindows {
  /** Ids of the first window, even; each one after it has as many more, up to the largest. The reference has 60 throughout. */
  readonly firstLength: number;
  readonly largestLength: number;
  /** Most earlier coarse ids in a window's prompt; the reference has 630. */
  readonly maxHistory: number;
  /** Semantic tokens that a window sees beyond its own; null fills its prompt, as the reference does. */
  readonly lookaheadTokens: number | null;
}

export interface LatencyPlan {
  readonly coarse: CoarseWindows;
  /** Null follows the reference: windows of 1024 frames once all they see is there. */
  readonly fine: FineBlocks | null;
}

/** Two seconds of sound. */
const LARGEST_BLOCK_FRAMES = 150;

/** The plan of a mode for a checkpoint; never asks for more than the checkpoint's own lengths. */
export function latencyPlan(mode: LatencyMode, generation: GenerationConfig): LatencyPlan {
  const { fine } = generation;
  const exact = { coarse: referenceWindows(generation), fine: null };
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
        coarse: longWindows(generation),
        fine: {
          historyFrames: Math.min(48, fine.maxFineHistoryLength),
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

export function referenceWindows({ coarse }: GenerationConfig): CoarseWindows {
  return {
    firstLength: coarse.slidingWindowLength,
    largestLength: coarse.slidingWindowLength,
    maxHistory: coarse.maxCoarseHistory,
    lookaheadTokens: null,
  };
}

/** Two seconds of history, windows of up to three times the reference's, and its look-ahead beyond the end of a window. */
function longWindows(generation: GenerationConfig): CoarseWindows {
  const { coarse } = generation;
  const rates = coarseRates(generation);
  const length = coarse.slidingWindowLength;
  const maxHistory = Math.min(300, coarse.maxCoarseHistory);
  return {
    firstLength: length,
    // what the history gives up is room for the window: a model need not hold more positions than for the reference
    largestLength: Math.min(3 * length, length + coarse.maxCoarseHistory - maxHistory),
    maxHistory,
    lookaheadTokens: Math.max(
      0,
      coarse.maxCoarseInputLength -
        maxSemanticHistory(rates) -
        Math.ceil(length / coarsePerSemantic(rates)),
    ),
  };
}
