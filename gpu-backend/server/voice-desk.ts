/**
 * Where the requests of one socket get their voices: from the cache, else from the edge, which is
 * asked once however many requests wait for the same voice.
 */
import { decodeVoice, hashVoice, type Voice } from '#shared/bark/voice.ts';
import { SpeechFault } from '#shared/errors.ts';
import { VOICE_TIMEOUT_MS } from '#shared/protocol/limits.ts';
import type { VoiceMessage } from '#shared/protocol/binary-message.ts';
import type { Clock } from '../clock.ts';
import type { VoiceCache } from './voice-cache.ts';
import { waitUntil } from './waiting.ts';

interface DeskOptions {
  readonly cache: VoiceCache;
  readonly clock: Clock;
  /** Sends `voice-needed`. */
  readonly ask: (request: number, hash: string) => void;
}

interface Waiter {
  readonly resolve: (voice: Voice) => void;
  readonly reject: (error: unknown) => void;
}

/** One voice that the edge was asked for: by which request, and who waits for it. */
interface Asked {
  request: number;
  readonly waiters: Map<number, Waiter>;
}

export class VoiceDesk {
  readonly #cache: VoiceCache;
  readonly #clock: Clock;
  readonly #ask: DeskOptions['ask'];
  readonly #asked = new Map<string, Asked>();

  constructor({ cache, clock, ask }: DeskOptions) {
    this.#cache = cache;
    this.#clock = clock;
    this.#ask = ask;
  }

  /** The voice with this hash; faults when the edge does not send it in time or sends another. */
  async voice(request: number, hash: string, signal: AbortSignal): Promise<Voice> {
    const known = this.#cache.get(hash);
    if (known !== undefined) return known;
    return waitUntil<Voice>(signal, (resolve, reject) => {
      this.#join(hash, request, { resolve, reject });
      const stopTimer = this.#clock.after(VOICE_TIMEOUT_MS, () =>
        reject(
          new SpeechFault(
            'timeout',
            `The voice did not come within ${VOICE_TIMEOUT_MS / 1_000} s of being asked for.`,
          ),
        ),
      );
      return () => {
        stopTimer();
        this.#leave(hash, request);
      };
    });
  }

  /** Takes what the edge sent; bytes that nobody waits for are ignored. */
  async receive({ request, voice: view }: VoiceMessage): Promise<void> {
    const entry = [...this.#asked].find(([, asked]) => asked.request === request);
    if (entry === undefined) return;
    const [hash, asked] = entry;
    // a copy: the view shares its buffer with other messages, which may change while the digest runs
    const bytes = new Uint8Array(view);
    try {
      if ((await hashVoice(bytes)) !== hash) {
        throw new SpeechFault(
          'invalid_request',
          'The voice that was sent is not the one asked for: its SHA-256 differs.',
        );
      }
      const voice = checkedVoice(bytes);
      this.#cache.set(hash, voice);
      for (const waiter of asked.waiters.values()) waiter.resolve(voice);
    } catch (error) {
      // only this request fails; the next that waits asks again
      asked.waiters.get(request)?.reject(error);
    }
  }

  #join(hash: string, request: number, waiter: Waiter): void {
    const asked = this.#asked.get(hash);
    if (asked !== undefined) {
      asked.waiters.set(request, waiter);
      return;
    }
    this.#asked.set(hash, { request, waiters: new Map([[request, waiter]]) });
    this.#ask(request, hash);
  }

  #leave(hash: string, request: number): void {
    const asked = this.#asked.get(hash);
    if (asked === undefined) return;
    asked.waiters.delete(request);
    const next = asked.waiters.keys().next().value;
    if (next === undefined) {
      this.#asked.delete(hash);
    } else if (asked.request === request && this.#cache.get(hash) === undefined) {
      asked.request = next;
      this.#ask(next, hash);
    }
  }
}

function checkedVoice(bytes: Uint8Array): Voice {
  try {
    return decodeVoice(bytes);
  } catch (cause) {
    // the RangeErrors of the decoder name a field and a bound, nothing that was spoken
    const message = cause instanceof RangeError ? cause.message : 'It can not be read.';
    throw new SpeechFault('invalid_request', `The voice is not valid: ${message}`, { cause });
  }
}
