/** Asks the backend, over plain HTTP, what a request has cost. */
import { SpeechFault } from '#shared/errors.ts';
import { HELLO_TIMEOUT_MS, RECORDS_PATH } from '#shared/protocol/limits.ts';
import { parseRequestRecord, type RequestRecord } from '#shared/protocol/request-record.ts';

interface FetchRecordOptions {
  /** Where the backend listens, http or https; a path is kept as a prefix. */
  readonly url: URL;
  /** Sent as a bearer token. */
  readonly token: string | undefined;
  readonly fetch?: typeof fetch;
}

/** The record of a request of this caller (null where callers are not told apart); null when the backend has none. */
export type FindRecord = (
  id: string,
  caller: string | null,
  signal: AbortSignal,
) => Promise<RequestRecord | null>;

export function recordFinder(options: FetchRecordOptions): FindRecord {
  const { url, token } = options;
  // called as a free function: the runtime's fetch refuses another `this`
  const fetchRecord = options.fetch ?? ((input, init) => fetch(input, init));
  return async function findRecord(id, caller, signal) {
    const target = new URL(url);
    const name = [...(caller === null ? [] : [caller]), id].map(encodeURIComponent).join('/');
    target.pathname = target.pathname.replace(/\/+$/, '') + RECORDS_PATH + name;
    let response: Response;
    let text: string;
    try {
      response = await fetchRecord(target.href, {
        headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
        signal: AbortSignal.any([signal, AbortSignal.timeout(HELLO_TIMEOUT_MS)]),
      });
      text = await response.text();
    } catch (cause) {
      if (signal.aborted) throw new SpeechFault('cancelled', 'The request was cancelled.');
      throw new SpeechFault(
        'backend_unavailable',
        'The inference backend can not be reached; start it, or check GPU_BACKEND_URL.',
        { cause },
      );
    }
    if (response.status === 404) return null;
    if (response.ok) return parseRequestRecord(text);
    throw new SpeechFault(
      'backend_unavailable',
      `The backend answered ${response.status} instead of a record; check GPU_BACKEND_URL and GPU_BACKEND_TOKEN.`,
    );
  };
}
