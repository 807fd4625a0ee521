/** A request to the backend over HTTP, whatever comes of it: its address, its token, its time limit and its faults. */
import { SpeechFault } from '#shared/errors.ts';

export interface BackendAddress {
  /** Where the backend listens, http or https; a path is kept as a prefix. */
  readonly url: URL;
  /** Sent as a bearer token. */
  readonly token: string | undefined;
  readonly fetch?: typeof fetch;
}

interface Asking {
  /** After the address's own path. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/**
 * Sends the request and answers what `read` makes of the response, both within the time limit. Throws the faults of `read`;
 * `cancelled` when `signal` has aborted, and `backend_unavailable` for anything else that goes wrong.
 */
export async function reachBackend<Result>(
  { url, token, fetch: given }: BackendAddress,
  { path, headers = {}, timeoutMs }: Asking,
  read: (response: Response) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  // called as a free function: the runtime's fetch refuses another `this`
  const send: typeof fetch = given ?? ((input, init) => fetch(input, init));
  const target = new URL(url);
  target.pathname = target.pathname.replace(/\/+$/, '') + path;
  // a timer of our own, cleared once answered: the abort of a fetch may end its socket too
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    const response = await send(target.href, {
      headers: { ...headers, ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
      signal: AbortSignal.any([signal, late.signal]),
    });
    return await read(response);
  } catch (cause) {
    if (cause instanceof SpeechFault) throw cause;
    if (signal.aborted) throw new SpeechFault('cancelled', 'The request was cancelled.');
    throw new SpeechFault(
      'backend_unavailable',
      'The inference backend can not be reached; start it, or check GPU_BACKEND_URL.',
      { cause },
    );
  } finally {
    clearTimeout(timer);
  }
}
