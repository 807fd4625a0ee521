/** EnCodec's decoder as whoever has codes to hear needs it; what computes it is not its business. */
import type { FineCodes, Waveform } from '#shared/bark/shapes.ts';

export interface CodecModel {
  /** Samples of one frame. */
  readonly hopSamples: number;
  /** Fewest frames of the first chunk, unless the utterance is shorter: its first samples look that far ahead. */
  readonly firstChunkFrames: number;
  /** A new utterance. */
  open(): CodecStream;
}

/** One utterance, decoded chunk by chunk; the samples are those of decoding it at once. */
export interface CodecStream {
  decode(codes: FineCodes, signal: AbortSignal): Promise<Waveform>;
  close(): void;
}
