/** Reads a JSON body within limits; what a client claims of its length is not believed. */
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { SpeechFault } from '#shared/errors.ts';

/** Largest body: 4 096 characters, each an escaped surrogate pair, and the other fields. */
export const MAX_BODY_BYTES = 64 * 1024;

export async function readJsonBody(
  request: Request,
  maxBytes: number = MAX_BODY_BYTES,
): Promise<unknown> {
  const mediaType = request.headers.get('Content-Type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new SpeechFault(
      'unsupported_media_type',
      'The body must be JSON, with Content-Type: application/json.',
    );
  }
  if (Number(request.headers.get('Content-Length')) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await readWithin(request, maxBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    throw new SpeechFault('invalid_request', 'The body is not valid JSON in UTF-8.', { cause });
  }
}

async function readWithin(request: Request, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = request.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    sizeBytes += value.byteLength;
    if (sizeBytes > maxBytes) {
      await reader.cancel();
      throw tooLarge(maxBytes);
    }
    pieces.push(value);
  }
  return joinBytes(pieces);
}

function tooLarge(maxBytes: number): SpeechFault {
  return new SpeechFault('body_too_large', `The body may have ${maxBytes} bytes.`);
}
