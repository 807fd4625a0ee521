/** Asks the backend, over plain HTTP, for the file that decodes its codes; passed on as it comes. */
import { SpeechFault } from '#shared/errors.ts';
import { DECODER_PATH } from '#shared/protocol/limits.ts';
import { reachBackend, type BackendAddress } from './reach-backend.ts';

/** A file on its way. */
export interface ComingFile {
  readonly sizeBytes: number;
  readonly bytes: ReadableStream<Uint8Array>;
}

/** The ONNX file of this hash, 64 hexadecimal digits; null when the backend has another by now. */
export type FindDecoder = (sha256: string, signal: AbortSignal) => Promise<ComingFile | null>;

/** The file is made when it is asked for. */
const DECODER_TIMEOUT_MS = 60_000;

export function decoderFinder(address: BackendAddress): FindDecoder {
  return async function findDecoder(sha256, signal) {
    const asking = { path: `${DECODER_PATH}${sha256}.onnx`, timeoutMs: DECODER_TIMEOUT_MS };
    return await reachBackend(address, asking, comingFile, signal);
  };
}

async function comingFile(response: Response): Promise<ComingFile | null> {
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
}
