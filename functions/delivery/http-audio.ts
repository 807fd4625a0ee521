/** Audio as the body of an HTTP answer: what a container begins with at once, then the pieces as they come. */
import type { Encoder } from '#shared/audio/encoder.ts';

/**
 * The encoded bytes; null in the source is a silence, which is written too. The encoder is begun with the first
 * byte and closed however they end.
 */
export async function* encodedAudio<Piece>(
  pieces: AsyncIterable<Piece | null>,
  openEncoder: () => Encoder<Piece>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = openEncoder();
  try {
    const head = encoder.begin();
    if (head.byteLength > 0) yield head;
    for await (const piece of pieces) {
      const bytes = piece === null ? encoder.keepAlive() : encoder.write(piece);
      if (bytes.byteLength > 0) yield bytes;
    }
    const rest = encoder.end();
    if (rest.byteLength > 0) yield rest;
  } finally {
    encoder.close();
  }
}
