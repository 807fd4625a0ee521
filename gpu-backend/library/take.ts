/** What was made: samples, and if wanted every stage of it. */
import type { Waveform } from '#shared/bark/shapes.ts';
import type { Voice } from '#shared/bark/voice.ts';
import { sliceFrames } from '#shared/codec/decode-in-chunks.ts';
import { coarseCodesOf } from '../pipeline/coarse.ts';
import { bookSizes } from '../pipeline/codec.ts';
import type { GeneratedRow } from '../pipeline/generate.ts';
import { voiceFromTake } from '../voices/voice-from-take.ts';
import type { GenerationConfig } from './bark-config.ts';

/** All that was made of one row; codes [books, T] row by row, T frames of 1/75 s (reference: section 7.6). */
export interface Take {
  /** [L] semantic tokens without the end, 49.9 a second. */
  readonly semantic: Int32Array;
  /** [2, T] codes of the coarse stage, 0..1023. */
  readonly coarse: Int32Array;
  /** [8, T] codes of the fine stage, 0..1023; the first two rows are those of `coarse`. */
  readonly fine: Int32Array;
  /** Whether the model ended by itself; false means that the limit of semantic tokens cut it. */
  readonly isComplete: boolean;
  /** What was said as the voice of what is said next (reference: section 7.6); null when nothing was said. */
  readonly voice: Voice | null;
}

/** What `generate` answers (reference: sections 7.1 and 7.3). */
export interface GenerateResult {
  /** [B] rows of samples, all of one length, `sampleRate` a second, nominally -1..1. Rows that end earlier are silent to the end, unless `rowIndependentFine` is false and `returnOutputLengths` too: then they end in noise, as in the reference. */
  readonly audio: readonly Waveform[];
  /** Samples a second, 24 000. */
  readonly sampleRate: number;
  /** [B] samples of each row, if `returnOutputLengths`: 0 for a row of which the model said nothing. */
  readonly outputLengths: readonly number[] | null;
  /** [B], if `outputFull`. */
  readonly takes: readonly Take[] | null;
  /** The seed that was taken, 0..2^53 - 1. */
  readonly seed: number;
}

/** All that was made of a row, without the end tokens and what fills it up to the longest. */
export function takeOf(
  { semantic, coarse, fine, frames, isComplete }: GeneratedRow,
  generation: GenerationConfig,
): Take {
  const { eosTokenId } = generation.semantic;
  const ids = coarse.subarray(0, frames * generation.coarse.coarseCodebooks);
  const codes = sliceFrames(fine, 0, frames, bookSizes(generation));
  return {
    semantic: semantic.filter((token) => token !== eosTokenId),
    coarse: coarseCodesOf(ids, generation),
    fine: codes,
    isComplete,
    voice: frames === 0 ? null : voiceFromTake({ semantic, coarse: ids, fine: codes }, generation),
  };
}
