/** Answers over plain HTTP, also on a socket that asked to be more and may not. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { SpeechFault } from '#shared/errors.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const body = `${JSON.stringify(value)}\n`;
  return {
    status,
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(body)),
      'Cache-Control': 'no-store',
      ...headers,
    },
    body,
  };
}

/** The fault's status, code and sentence, and how long to wait where that helps. */
export function faultAnswer(
  fault: SpeechFault,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const { code, message, retryAfterMs } = fault;
  return jsonAnswer(
    fault.traits.status,
    { error: { code, message } },
    {
      ...(retryAfterMs === undefined
        ? {}
        : { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) }),
      // RFC 9110 section 15.5.22: 426 names what to upgrade to
      ...(fault.traits.status === 426 ? { Upgrade: 'websocket' } : {}),
      ...(fault.traits.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
      ...headers,
    },
  );
}

/** Bytes that never change under their address. */
export function fileAnswer(body: Uint8Array, mediaType: string, etag: string): Answer {
  return {
    status: 200,
    headers: {
      'Content-Type': mediaType,
      'Content-Length': String(body.byteLength),
      'Cache-Control': 'private, max-age=31536000, immutable',
      ETag: etag,
    },
    body,
  };
}

/** Writes the answer on a bare socket and ends it. */
export function answerOn(socket: Duplex, { status, headers, body }: Answer): void {
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`);
  socket.end(body);
}
