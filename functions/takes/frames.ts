/**
 * A sentence on its way between Durable Object and Worker: frames of four bytes (big endian: the highest bit says text,
 * the others the length) and what they hold, s16le or JSON.
 */
import { joinBytes } from '#shared/audio/join-bytes.ts';

export type Frame =
  | { readonly kind: 'audio'; readonly bytes: Uint8Array }
  | { readonly kind: 'text'; readonly text: string };

const HEAD_BYTES = 4;
const TEXT_BIT = 0x8000_0000;

export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const body = frame.kind === 'text' ? new TextEncoder().encode(frame.text) : frame.bytes;
  const bytes = new Uint8Array(HEAD_BYTES + body.byteLength);
  const head = (frame.kind === 'text' ? TEXT_BIT : 0) + body.byteLength;
  new DataView(bytes.buffer).setUint32(0, head);
  bytes.set(body, HEAD_BYTES);
  return bytes;
}

/** The frames of a stream, however it was cut; `signal` cancels it. Throws when it ends inside a frame. */
export async function* readFrames(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, undefined> {
  const reader = stream.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  let held: Uint8Array = new Uint8Array(0);
  try {
    for (;;) {
      const frame = takeFrame(held);
      if (frame !== null) {
        held = held.subarray(frame.size);
        yield frame.frame;
        continue;
      }
      const { done, value } = await reader.read();
      if (done) break;
      held = joinBytes([held, value]);
    }
    if (held.byteLength > 0) throw new RangeError('a stream of frames ended inside one');
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

function takeFrame(held: Uint8Array): { readonly frame: Frame; readonly size: number } | null {
  if (held.byteLength < HEAD_BYTES) return null;
  const head = new DataView(held.buffer, held.byteOffset).getUint32(0);
  const isText = head >= TEXT_BIT;
  const size = HEAD_BYTES + (isText ? head - TEXT_BIT : head);
  if (held.byteLength < size) return null;
  // a copy: samples have to lie at an even place
  const body = held.slice(HEAD_BYTES, size);
  const frame: Frame = isText
    ? { kind: 'text', text: new TextDecoder().decode(body) }
    : { kind: 'audio', bytes: body };
  return { frame, size };
}
