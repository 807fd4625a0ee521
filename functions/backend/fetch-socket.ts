/**
 * A backend socket by the Workers way: `fetch` with an upgrade. It takes an http(s) address, and
 * the answer, 101 or not, says why a connection was refused.
 */
import { isFaultCode, SpeechFault } from '#shared/errors.ts';
import { HELLO_TIMEOUT_MS, SPEECH_PATH, SUBPROTOCOL } from '#shared/protocol/limits.ts';
import type { BackendSocket, ConnectBackend } from './backend-socket.ts';
import { reachBackend, type BackendAddress } from './reach-backend.ts';

/** No close handshake: the line broke (RFC 6455 section 7.1.5). */
const ABNORMAL_CLOSURE = 1006;

export function fetchConnector(address: BackendAddress): ConnectBackend {
  const asking = {
    path: SPEECH_PATH,
    headers: { Upgrade: 'websocket', 'Sec-WebSocket-Protocol': SUBPROTOCOL },
    timeoutMs: HELLO_TIMEOUT_MS,
  };
  return async function connect(signal) {
    return await reachBackend(address, asking, acceptSocket, signal);
  };
}

async function acceptSocket(response: Response): Promise<BackendSocket> {
  const socket = response.webSocket;
  if (response.status !== 101 || socket === null) throw await refusal(response);
  if (response.headers.get('Sec-WebSocket-Protocol') !== SUBPROTOCOL) {
    socket.accept();
    socket.close(4000, 'subprotocol');
    throw new SpeechFault(
      'backend_mismatch',
      `The backend does not speak ${SUBPROTOCOL}; run edge and backend of the same version.`,
    );
  }
  // the default is Blob, and reading one asynchronously could reorder messages
  socket.binaryType = 'arraybuffer';
  return {
    send: (message) => socket.send(message),
    listen(listener) {
      socket.addEventListener('message', ({ data }: { data: unknown }) => {
        if (typeof data === 'string') listener.message(data);
        else if (data instanceof ArrayBuffer) listener.message(new Uint8Array(data));
      });
      socket.addEventListener('close', ({ code }) => listener.closed(code));
      socket.addEventListener('error', () => listener.closed(ABNORMAL_CLOSURE));
      socket.accept();
    },
    close: (code, reason) => socket.close(code, reason),
  };
}

/** Why there is no socket, in the backend's own words where it says when to come again. */
async function refusal(response: Response): Promise<SpeechFault> {
  const { status } = response;
  const told = await readFault(response);
  if (status === 401 || status === 403) {
    return new SpeechFault(
      'backend_unavailable',
      'The backend refused our token; set GPU_BACKEND_TOKEN to the one it was started with.',
    );
  }
  if (status === 426) {
    return new SpeechFault(
      'backend_mismatch',
      `The backend does not speak ${SUBPROTOCOL}; run edge and backend of the same version.`,
    );
  }
  const retryAfterSeconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const options = Number.isFinite(retryAfterSeconds)
    ? { retryAfterMs: retryAfterSeconds * 1_000 }
    : {};
  if (status === 503) {
    if (told?.traits.status === 503) return new SpeechFault(told.code, told.message, options);
    return new SpeechFault('busy', 'The backend takes no new connections; try again.', options);
  }
  return new SpeechFault(
    'backend_unavailable',
    `The backend answered ${status} instead of a WebSocket; check GPU_BACKEND_URL.`,
    options,
  );
}

/** Our own errors are a fifth of that; a proxy's page may be anything. */
const MAX_REFUSAL_BYTES = 4_096;

/** The fault in a JSON error of ours; null for any other body, which is not read to its end. */
async function readFault(response: Response): Promise<SpeechFault | null> {
  try {
    const body: unknown = JSON.parse(await readText(response.body, MAX_REFUSAL_BYTES));
    const error = field(body, 'error');
    const [code, message] = [field(error, 'code'), field(error, 'message')];
    if (typeof code !== 'string' || !isFaultCode(code) || typeof message !== 'string') return null;
    return new SpeechFault(code, message);
  } catch {
    // a body that breaks off, is too long or no JSON: the status alone then says what is wrong
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

/** Throws on more than so many bytes; releases the connection whatever happens. */
async function readText(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let sizeBytes = 0;
  for await (const bytes of body ?? []) {
    sizeBytes += bytes.byteLength;
    if (sizeBytes > maxBytes) throw new RangeError('too long');
    text += decoder.decode(bytes, { stream: true });
  }
  return text;
}
