/** Makes the file of an order once: whoever asks meanwhile joins from the beginning, and then it is kept whole. */
import { SpeechFault } from '#shared/errors.ts';
import type { FileBudget } from './file-budget.ts';
import { LiveFile } from './live-file.ts';
import type { FileFacts, FileStore, FinishedFile } from './file-store.ts';

/** Most bytes of one file: 5 minutes of WAV at 48 000 samples a second, held in memory while it is made. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** A player closes one request and opens the next; so long nobody may listen before the work stops. */
export const LINGER_MS = 10_000;

/** A file on its way. */
export interface SpokenFile {
  readonly mediaType: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Once all chunks are there: the file as it is kept, with what is known of it. */
  finish(bytes: Uint8Array<ArrayBuffer>): FinishedFile;
}

/** A room as the edge sees it. */
export interface OpenFileRoom {
  audio(id: string, order: string, range: string | null): Promise<Response>;
  facts(id: string, order: string): Promise<FileFacts>;
}

/** Who finds no room for a file asks again after this. */
const BUSY_RETRY_MS = 5_000;

interface FileRoomOptions {
  /** What the file of an order is expected to have, in bytes. */
  readonly sizeOf: (order: string) => number;
  /** Of all rooms of this isolate. */
  readonly budget: FileBudget;
  readonly speak: (order: string, signal: AbortSignal) => Promise<SpokenFile>;
  readonly store: FileStore;
  /** Keeps the work running after the last answer. */
  readonly keepAlive: (work: Promise<unknown>) => void;
}

interface Running {
  readonly file: LiveFile;
  readonly mediaType: string;
  /** Resolves once it is kept. */
  readonly kept: Promise<FileFacts>;
  readonly stop: AbortController;
  listeners: number;
  linger: ReturnType<typeof setTimeout> | null;
}

export class FileRoom implements OpenFileRoom {
  readonly #options: FileRoomOptions;
  #running: Promise<Running> | undefined;

  constructor(options: FileRoomOptions) {
    this.#options = options;
  }

  /** The audio as far as it is made and then as it is made. */
  async audio(id: string, order: string, range: string | null): Promise<Response> {
    const running = await this.#join(id, order);
    const part = requestedPart(range);
    const chunks = running.file.read(part?.first, part?.last);
    const leave = this.#listen(running);
    const headers = {
      'Content-Type': running.mediaType,
      'Cache-Control': 'no-store',
      'Accept-Ranges': 'bytes',
      ...(part === null ? {} : { 'Content-Range': `bytes ${part.first}-${part.last}/*` }),
    };
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (done !== true) return controller.enqueue(value);
          leave();
          controller.close();
        } catch (error) {
          leave();
          controller.error(error);
        }
      },
      cancel: leave,
    });
    return new Response(body, { status: part === null ? 200 : 206, headers });
  }

  /** What is known of the whole, once it is. */
  async facts(id: string, order: string): Promise<FileFacts> {
    const running = await this.#join(id, order);
    const leave = this.#listen(running);
    try {
      return await running.kept;
    } finally {
      leave();
    }
  }

  async #join(id: string, order: string): Promise<Running> {
    const running = (this.#running ??= this.#begin(id, order));
    running.catch(() => this.#forget(running));
    return running;
  }

  async #begin(id: string, order: string): Promise<Running> {
    const { budget, sizeOf, speak } = this.#options;
    const bytes = sizeOf(order);
    if (!budget.reserve(bytes)) {
      throw new SpeechFault('busy', 'Too many files are being made here; try again in a while.', {
        retryAfterMs: BUSY_RETRY_MS,
      });
    }
    const stop = new AbortController();
    const spoken = await speak(order, stop.signal).catch((error: unknown) => {
      budget.giveBack(bytes);
      throw error;
    });
    const file = new LiveFile(MAX_FILE_BYTES);
    const kept = this.#make(id, spoken, file).finally(() => {
      // an encoder that can not begin leaves the sound behind, which nobody has asked for yet
      stop.abort();
      budget.giveBack(bytes);
    });
    kept.catch(() => undefined);
    this.#options.keepAlive(kept.catch(() => undefined));
    return { file, mediaType: spoken.mediaType, kept, stop, listeners: 0, linger: null };
  }

  async #make(id: string, spoken: SpokenFile, file: LiveFile): Promise<FileFacts> {
    const mine = this.#running;
    try {
      for await (const chunk of spoken.chunks) file.append(chunk);
      file.end();
      const finished = spoken.finish(file.bytes());
      await this.#options.store.put(id, finished);
      file.handOver((first, last) => readKept(this.#options.store, { id, first, last }));
      return finished.facts;
    } catch (error) {
      file.fail(error);
      throw error;
    } finally {
      this.#forget(mine);
    }
  }

  #listen(running: Running): () => void {
    running.listeners += 1;
    clearTimeout(running.linger);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      running.listeners -= 1;
      if (running.listeners > 0 || running.file.hasEnded) return;
      running.linger = setTimeout(() => running.stop.abort(), LINGER_MS);
    };
  }

  #forget(running: Promise<Running> | undefined): void {
    if (this.#running === running) this.#running = undefined;
  }
}

async function* readKept(
  store: FileStore,
  { id, first, last }: { readonly id: string; readonly first: number; readonly last: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const object = await store.get(id, new Headers({ Range: `bytes=${first}-${last}` }));
  if (object === null || !('body' in object)) {
    throw new SpeechFault('not_found', 'This file is no longer kept; ask for its URL again.');
  }
  yield* object.body;
}

/** A range with both ends, which players ask for to see whether ranges are known; any other is answered whole. */
function requestedPart(range: string | null): { first: number; last: number } | null {
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(range ?? '') ?? [];
  if (first === undefined || last === undefined || Number(last) < Number(first)) return null;
  return { first: Number(first), last: Number(last) };
}
