/**
 * Bytes as the reader asks for them: a chunk is made ahead and no more, so that the first need not wait until all that
 * is there is encoded. A failure after the first byte breaks the stream, so that no client takes half a text for the whole.
 */
import { SpeechFault } from '#shared/errors.ts';

/** One has begun in any case, so that a source that nobody reads comes to its end as well. */
const CHUNKS_AHEAD = 1;

/** `onCancel` hears that the reader has gone, before the source is told to return. */
export function byteStream(
  source: AsyncGenerator<Uint8Array, void, undefined>,
  onCancel: () => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await source.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          controller.error(new BrokenStream(SpeechFault.from(error)));
        }
      },
      async cancel() {
        onCancel();
        // a source that waits for audio hears of it by its signal; one that rests, by this
        await source.return();
      },
    },
    { highWaterMark: CHUNKS_AHEAD },
  );
}

/**
 * What breaks the stream. A broken transfer is the only way to tell a reader, and the runtime prints it
 * as uncaught, once at each hand it passes through: so it says what it is. The log of the request has the rest.
 */
class BrokenStream extends Error {
  override readonly name = 'BrokenStream';

  constructor({ code }: SpeechFault) {
    super(`an answer was broken off on purpose (${code})`);
  }
}
