/** Calls to the edge that this page came from; a key goes along where there is one. */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { describedFault, faultOf } from './faults.ts';
import type { SpeechOrder } from './speech-order.ts';

/** Numbers and names that an answer tells beside the sound. */
export type Facts = Readonly<Record<string, unknown>>;

export interface Voice {
  readonly id: string;
  readonly name: string;
  readonly language: string;
}

/** A speech whose headers have come. */
export interface ComingSpeech {
  readonly requestId: string;
  readonly take: string;
  readonly cache: string;
  readonly seed: string;
  /** The bytes of the format, as they come; ends early when the speech breaks off. */
  readonly bytes: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What is known at the end; rejects with the fault when it broke off. */
  readonly done: Promise<Facts>;
}

/** Longest wait for an answer that holds no sound. */
const ANSWER_TIMEOUT_MS = 20_000;

/** Longest wait for the decoder of codes, 34 MB at the published sizes. */
const DECODER_TIMEOUT_MS = 180_000;

export class Edge {
  readonly #key: () => string;

  /** `key`: asked for anew with each call; empty where there is none. */
  constructor(key: () => string) {
    this.#key = key;
  }

  async voices(): Promise<{ voices: Voice[]; standard: string }> {
    const { voices, default_voice_id: standard } = await this.#json('/v1/voices');
    const entries: unknown[] = Array.isArray(voices) ? voices : [];
    return {
      standard: asText(standard),
      voices: entries.map((entry) => {
        const { voice_id: id, name, labels } = Object(entry);
        return {
          id: asText(id),
          name: asText(name),
          language: asText(Object(labels).language),
        };
      }),
    };
  }

  async model(): Promise<string> {
    const { data } = await this.#json('/v1/models');
    return Array.isArray(data) ? asText(Object(data[0]).id) : '';
  }

  /** What a take was and has cost. */
  take(id: string): Promise<Facts> {
    return this.#json(`/v1/takes/${encodeURIComponent(id)}`);
  }

  /** The ONNX file that decodes codes, by its SHA-256; the browser keeps it. */
  async decoder(sha256: string): Promise<ArrayBuffer> {
    const response = await this.#fetch(`/v1/codec/${sha256}.onnx`, {
      signal: AbortSignal.timeout(DECODER_TIMEOUT_MS),
    });
    return response.arrayBuffer();
  }

  /** Sentences of a request that have ended. */
  async sentences(requestId: string): Promise<readonly Facts[]> {
    const { sentences } = await this.#json(`/v1/requests/${encodeURIComponent(requestId)}`);
    return Array.isArray(sentences) ? sentences.map((one) => Object(one)) : [];
  }

  async speak(order: SpeechOrder, signal: AbortSignal): Promise<ComingSpeech> {
    const response = await this.#fetch('/v1/audio/speech', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...order, stream_format: 'sse' }),
      signal,
    });
    return { ...namesOf(response), ...readEvents(response) };
  }

  /** A take again, from what is kept. */
  async replay(
    id: string,
    format: string,
    speed: number,
    signal: AbortSignal,
  ): Promise<ComingSpeech> {
    const query = new URLSearchParams({ response_format: format, speed: String(speed) });
    const path = `/v1/takes/${encodeURIComponent(id)}`;
    const facts = await this.take(id);
    const response = await this.#fetch(`${path}/audio?${query.toString()}`, { signal });
    return {
      ...namesOf(response),
      seed: asText(facts['seed']),
      bytes: response.body ?? new ReadableStream(),
      done: Promise.resolve(facts),
    };
  }

  async #json(path: string): Promise<Facts> {
    const response = await this.#fetch(path, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return Object(await response.json());
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const key = this.#key();
    if (key !== '') headers.set('Authorization', `Bearer ${key}`);
    const response = await fetch(path, { ...init, headers });
    if (response.ok) return response;
    throw await faultOf(response);
  }
}

function namesOf({
  headers,
}: Response): Pick<ComingSpeech, 'requestId' | 'take' | 'cache' | 'seed'> {
  const name = (header: string): string => headers.get(header) ?? '';
  return {
    requestId: name('X-Request-Id'),
    take: name('X-Take-Id'),
    cache: name('X-Cache'),
    seed: name('X-Seed'),
  };
}

/** Server-sent events as the bytes that they carry, and what the last of them says. */
function readEvents(response: Response): Pick<ComingSpeech, 'bytes' | 'done'> {
  const done = Promise.withResolvers<Facts>();
  // whoever waits for the sound first must not see it as unhandled
  done.promise.catch(() => undefined);
  const events = (response.body ?? new ReadableStream<Uint8Array<ArrayBuffer>>())
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  const broken = describedFault(null, 'The speech broke off before its end.');
  /** The bytes of the next event; null once the last one was read. */
  const nextBytes = async (): Promise<Uint8Array<ArrayBuffer> | null> => {
    const next = await events.read().catch((error: unknown) => {
      done.reject(error);
      return { done: true as const, value: undefined };
    });
    if (next.done) {
      done.reject(broken);
      return null;
    }
    const event: Facts = Object(JSON.parse(next.value.data));
    if (event['type'] === 'speech.audio.delta') {
      return Uint8Array.from(atob(asText(event['audio'])), (byte) => byte.charCodeAt(0));
    }
    if (event['type'] === 'speech.audio.done') done.resolve(event);
    else done.reject(describedFault(event['error'], broken.message));
    await events.cancel();
    return null;
  };
  const bytes = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const piece = await nextBytes();
      if (piece === null) controller.close();
      else controller.enqueue(piece);
    },
    async cancel() {
      // a reader that knows the end of its container lets go before the last event has come
      while ((await nextBytes()) !== null);
    },
  });
  return { bytes, done: done.promise };
}

/** What an answer tells as text or number; empty where it tells nothing. */
function asText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
