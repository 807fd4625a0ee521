/**
 * Turns s16 mono PCM (or other pieces of a sound) into one audio format, piece by piece; any split of the samples
 * gives the same bytes, but for what `keepAlive` puts before the first of them. What is returned is the caller's.
 */
export interface Encoder<Piece = Int16Array> {
  /** What comes before any sample, possibly nothing; called once, first of all. */
  begin(): Uint8Array;
  /** Bytes for these samples, possibly none yet. */
  write(pcm: Piece): Uint8Array;
  /** A few bytes that change nothing of what is heard, for a line that would be silent; none where none are left. */
  keepAlive(): Uint8Array;
  /** What was held back; the encoder is then spent. */
  end(): Uint8Array;
  /** Gives back what the encoder holds, also of one cut off in the middle; a second call does nothing. */
  close(): void;
}
