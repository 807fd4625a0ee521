/** Asks the backend, over plain HTTP, for the file that decodes its codes; passed on as it comes. */
import { SpeechFault } from '#shared/errors.ts';
import { DECODER_PATH } from '#shared/protocol/limits.ts';

interface FetchDecoderOptions {
  /** Where the backend listens, http or https; a path is kept as a prefix. */
  readonly url: URL;
  /** Sent as a bearer token. */
  readonly token: string | undefined;
  readonly fetch?: typeof fetch;
}

/** A file on its way. */
export interface ComingFile {
  readonly sizeBytes: number;
  readonly bytes: ReadableStream<Uint8Array>;
}

/** The ONNX file of this hash, 64 hexadecimal digits; null when the backend has another by now. */
export type FindDecoder = (sha256: string, signal: AbortSignal) => Promise<ComingFile | null>;

/** The file is made when it is asked for. */
const DECODER_TIMEOUT_MS = 60_000;

export function decoderFinder(options: FetchDecoderOptions): FindDecoder {
  const { url, token } = options;
  // called as a free function: the runtime's fetch refuses another `this`
  const fetchFile = options.fetch ?? ((input, init) => fetch(input, init));
  return async function findDecoder(sha256, signal) {
    const target = new URL(url);
    target.pathname = `${target.pathname.replace(/\/+$/, '')}${DECODER_PATH}${sha256}.onnx`;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), DECODER_TIMEOUT_MS);
    try {
      const response = await fetchFile(target.href, {
        headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
        signal: AbortSignal.any([signal, late.signal]),
      });
      const sizeBytes = Number(response.headers.get('Content-Length') ?? Number.NaN);
      if (response.ok && response.body !== null && sizeBytes > 0) {
        return { sizeBytes, bytes: response.body };
      }
      await response.body?.cancel();
      if (response.status === 404) return null;
      throw new SpeechFault(
        'backend_unavailable',
        `The backend answered ${response.status} instead of its decoder; check GPU_BACKEND_URL and GPU_BACKEND_TOKEN, and start it anew if its checkpoint was changed.`,
      );
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
  };
}
