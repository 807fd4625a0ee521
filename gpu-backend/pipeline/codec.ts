/** What of the codec is the pipeline's own: sizes of its codes, and pieces of sound as one. */
import { waveform, type Waveform } from '#shared/bark/shapes.ts';
import type { BookSizes } from '#shared/codec/decode-in-chunks.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';

/** Of the codes that the fine stage completes. */
export function bookSizes({ fine, codebookSize }: GenerationConfig): BookSizes {
  return { codebooks: fine.fineCodebooks, codebookSize };
}

/** The whole utterance as one array. */
export function joinWaveforms(pieces: readonly Waveform[]): Waveform {
  const joined = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return waveform(joined);
}
