/** Turns s16 mono PCM into one audio format, piece by piece; any split of the samples gives the same bytes. */
export interface Encoder {
  /** Bytes for these samples, possibly none yet; they may be a view of the samples. */
  write(pcm: Int16Array): Uint8Array;
  /** What was held back; the encoder is then spent. */
  end(): Uint8Array;
}
