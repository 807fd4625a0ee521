/** Audio as the body of an HTTP answer: the container's header at once, then the samples as they come. */
import type { Encoder } from '#shared/audio/encoder.ts';

/** The encoded bytes; the header does not wait for the first sample. */
export async function* encodedAudio(
  pcm: AsyncIterable<Int16Array>,
  encoder: Encoder,
): AsyncGenerator<Uint8Array, void, undefined> {
  const header = encoder.write(new Int16Array(0));
  if (header.byteLength > 0) yield header;
  for await (const samples of pcm) {
    const bytes = encoder.write(samples);
    if (bytes.byteLength > 0) yield bytes;
  }
  const rest = encoder.end();
  if (rest.byteLength > 0) yield rest;
}
