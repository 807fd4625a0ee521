/**
 * Bytes as the reader asks for them: nothing is made ahead but what fits the buffer. A failure after
 * the first byte breaks the stream, so that no client takes half a text for the whole.
 */

/** Bytes made ahead of the reader, 1.4 seconds of PCM. */
const RESPONSE_BUFFER_BYTES = 65_536;

/** `onCancel` hears that the reader has gone, before the source is told to return. */
export function byteStream(
  source: AsyncGenerator<Uint8Array, void, undefined>,
  onCancel: () => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await source.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        onCancel();
        // a source that waits for audio hears of it by its signal; one that rests, by this
        await source.return();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: RESPONSE_BUFFER_BYTES }),
  );
}
