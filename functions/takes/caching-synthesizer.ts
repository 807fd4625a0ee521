/** Speaks what is kept from the bucket, and what is not in its room: a backend is only reached for what is new. */
import { SpeechFault } from '#shared/errors.ts';
import type {
  Asker,
  BackendInfo,
  Sentence,
  SpeechSession,
  Synthesizer,
} from '../backend/synthesizer.ts';
import { HeardSentence, listenToKept, listenToRoom, type Listening } from './room-sentence.ts';
import type { RoomOrder } from './room-messages.ts';
import { keptKey, speakerOf } from './sentence-key.ts';
import type { SentenceStore } from './sentence-store.ts';

/** How long is believed what a backend said of itself. */
export const INFO_MS = 60_000;

interface CachingOptions {
  readonly backend: Synthesizer;
  readonly store: SentenceStore;
  /** Frames of the sentence, from the room of its key. */
  readonly speakInRoom: (order: RoomOrder) => Promise<ReadableStream<Uint8Array>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** `refresh` speaks anew what is kept, and keeps that. */
export type CacheUse = 'read' | 'refresh';

export class CachingSynthesizer {
  readonly #options: CachingOptions;
  #known: { readonly info: BackendInfo; readonly sinceMs: number } | undefined;

  constructor(options: CachingOptions) {
    this.#options = options;
  }

  /** A synthesizer of this one's sentences, as one request wants them. */
  using(use: CacheUse): Synthesizer {
    return {
      connect: async (signal, asker) => {
        const info = await this.#info(signal, asker);
        return this.#session(info, { use, signal, asker });
      },
    };
  }

  get store(): SentenceStore {
    return this.#options.store;
  }

  /** Believes nothing any longer of what the backend said of itself: it is asked anew. */
  forget(): void {
    this.#known = undefined;
  }

  /** Whether this sentence would be played from what is kept. */
  async isKept(key: string): Promise<boolean> {
    return (await this.#options.store.find(key)) !== null;
  }

  async #info(signal: AbortSignal, asker: Asker | undefined): Promise<BackendInfo> {
    const { backend, now } = this.#options;
    if (this.#known !== undefined && now() - this.#known.sinceMs < INFO_MS) return this.#known.info;
    const session = await backend.connect(signal, asker);
    const { info } = session;
    session.close();
    this.#known = { info, sinceMs: now() };
    return info;
  }

  #session(info: BackendInfo, asked: Asked): SpeechSession {
    const open = new Set<HeardSentence>();
    const close = (): void => {
      for (const sentence of open) sentence.leave();
      open.clear();
    };
    asked.signal.addEventListener('abort', close, { once: true });
    return {
      info,
      speak: (sentence) => {
        const heard = new HeardSentence(
          (leaving) => this.#listen(info, sentence, { ...asked, signal: leaving }),
          sentence.codes,
        );
        open.add(heard);
        return heard;
      },
      close: () => {
        asked.signal.removeEventListener('abort', close);
        close();
      },
    };
  }

  async #listen(
    info: BackendInfo,
    sentence: Sentence,
    { use, signal, asker }: Asked,
  ): Promise<Listening> {
    const key = keptKey(sentence.key, sentence.codes?.decoder ?? null);
    const kept = use === 'read' ? await this.#options.store.get(key) : null;
    if (kept !== null) return listenToKept(kept);
    const { model } = info;
    const speaker = speakerOf(info);
    const frames = await this.#options.speakInRoom({ key, model, speaker, sentence, asker });
    try {
      return await listenToRoom(frames, signal);
    } catch (error) {
      if (isMismatch(error)) this.forget();
      throw error;
    }
  }
}

/** Whether the backend is another than was believed. */
export function isMismatch(error: unknown): boolean {
  return SpeechFault.from(error).code === 'backend_mismatch';
}

interface Asked {
  readonly use: CacheUse;
  readonly signal: AbortSignal;
  readonly asker: Asker | undefined;
}
