/**
 * Audio as server-sent events, in OpenAI's words: `speech.audio.delta` for each piece, then
 * `speech.audio.done`. A failure is an event too, after which the stream ends. A silence is a comment.
 */
import { base64 } from './base64.ts';
import { SpeechFault } from '#shared/errors.ts';

/** What comes after the last piece, made once all is known. */
type DoneFacts = () => Readonly<Record<string, unknown>>;

/** How a failure looks in the body. */
type FaultBody = (fault: SpeechFault) => unknown;

export const SSE_MEDIA_TYPE = 'text/event-stream; charset=utf-8';

/** A line that every reader of events passes over. */
const COMMENT = ': waiting\n\n';

/** Null in the source is a silence. */
export async function* audioEvents(
  audio: AsyncIterable<Uint8Array | null>,
  done: DoneFacts,
  faultBody: FaultBody,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const bytes of audio) {
      yield bytes === null
        ? new TextEncoder().encode(COMMENT)
        : event({ type: 'speech.audio.delta', audio: base64(bytes) });
    }
    yield event({ type: 'speech.audio.done', ...done() });
  } catch (error) {
    yield event({ type: 'error', error: faultBody(SpeechFault.from(error)) });
  }
}

function event(data: unknown): Uint8Array {
  return new TextEncoder().encode(`data: ${JSON.stringify(data)}\n\n`);
}
