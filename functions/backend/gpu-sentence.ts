/** One request on the socket, from `speak` to `done` or `fault`: its audio, its credit, its time limits. */
import { samplesFromBytes } from '#shared/audio/pcm.ts';
import {
  frameBytes,
  samplesOfCodes,
  unpackFrames,
  type CodesLayout,
} from '#shared/codec/codes-layout.ts';
import { SpeechFault } from '#shared/errors.ts';
import { AUDIO_KIND, type AudioMessage } from '#shared/protocol/binary-message.ts';
import {
  ACCEPT_TIMEOUT_MS,
  FIRST_AUDIO_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
} from '#shared/protocol/limits.ts';
import type { SpeechReport } from '#shared/protocol/messages.ts';
import { CREDIT_WINDOW_SAMPLES, CreditWindow } from './credit-window.ts';
import { deferred } from './deferred.ts';
import type { Acceptance, SpokenSentence } from './synthesizer.ts';

type State =
  | { readonly name: 'asked' }
  | { readonly name: 'accepted' }
  | { readonly name: 'sounding' }
  | { readonly name: 'done' }
  | { readonly name: 'failed'; readonly fault: SpeechFault };

interface SentencePort {
  /** Lets the backend send so many samples more. */
  grant(samples: number): void;
  /** A time limit has passed: the backend is to stop. */
  expired(fault: SpeechFault): void;
  /** How codes are told, where they come in the place of samples. */
  readonly codes: CodesLayout | null;
}

export class GpuSentence implements SpokenSentence {
  readonly #port: SentencePort;
  readonly #credit = new CreditWindow(CREDIT_WINDOW_SAMPLES);
  readonly #pieces: Int16Array[] = [];
  readonly #accepted = deferred<Acceptance>();
  readonly #finished = deferred<SpeechReport>();
  #state: State = { name: 'asked' };
  #lastSequence = -1;
  /** Wakes the reader that waits. */
  #wake: (() => void) | undefined;
  #stepTimer: ReturnType<typeof setTimeout> | null = null;
  readonly #totalTimer: ReturnType<typeof setTimeout>;

  constructor(port: SentencePort) {
    this.#port = port;
    this.#totalTimer = this.#expireAfter(REQUEST_TIMEOUT_MS, 'to speak a sentence');
    this.#waitForAccept();
  }

  get accepted(): Promise<Acceptance> {
    return this.#accepted.promise;
  }

  get finished(): Promise<SpeechReport> {
    return this.#finished.promise;
  }

  get isOpen(): boolean {
    return this.#state.name !== 'done' && this.#state.name !== 'failed';
  }

  async read(): Promise<Int16Array | null> {
    for (;;) {
      if (this.#state.name === 'failed') throw this.#state.fault;
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        const due = this.#credit.read(this.#samplesOf(piece));
        if (due > 0 && this.isOpen) this.#port.grant(due);
        return piece;
      }
      if (this.#state.name === 'done') return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The backend has asked for the voice, so it gets the time again. */
  voiceSent(): void {
    if (this.#state.name === 'asked') this.#waitForAccept();
  }

  /** `position` is its place in the queue, where the backend tells it. */
  accept(position?: number): void {
    if (this.#state.name !== 'asked') return;
    this.#state = { name: 'accepted' };
    this.#waitForSound();
    this.#accepted.resolve({ origin: 'spoken', position });
  }

  /** The backend works on it: it gets the time until the first sound again. */
  progress(): void {
    if (this.#state.name === 'accepted') this.#waitForSound();
  }

  /** Takes audio in; throws a fault when it does not follow on what came before. */
  audio(message: AudioMessage): void {
    const { codes } = this.#port;
    const kind = codes === null ? AUDIO_KIND.pcm : AUDIO_KIND.codes;
    if (!this.isOpen || message.kind !== kind) return;
    if (this.#state.name === 'asked') throw broken('sent audio before it accepted');
    if (message.sequence <= this.#lastSequence) throw broken('sent audio out of order');
    if (message.sampleOffset !== this.#credit.receivedSamples) throw broken('left out samples');
    const piece = codes === null ? samplesOf(message.payload) : codesOf(message.payload, codes);
    if (!this.#credit.receive(this.#samplesOf(piece))) {
      throw broken('sent more than it was granted');
    }
    this.#lastSequence = message.sequence;
    this.#state = { name: 'sounding' };
    clearTimeout(this.#stepTimer);
    this.#pieces.push(piece);
    this.#wake?.();
  }

  /** Ends it well; throws a fault when audio is missing. */
  done(samples: number, report: SpeechReport): void {
    if (!this.isOpen) return;
    if (this.#state.name === 'asked') throw broken('ended what it had not accepted');
    if (samples !== this.#credit.receivedSamples) throw broken('left out the last samples');
    this.#state = { name: 'done' };
    this.#settled();
    this.#finished.resolve(report);
  }

  fail(fault: SpeechFault): void {
    if (!this.isOpen) return;
    this.#state = { name: 'failed', fault };
    this.#pieces.length = 0;
    this.#settled();
    this.#accepted.reject(fault);
    this.#finished.reject(fault);
  }

  /** How long a piece is heard. */
  #samplesOf(piece: Int16Array): number {
    const { codes } = this.#port;
    return codes === null ? piece.length : samplesOfCodes(piece, codes);
  }

  #settled(): void {
    clearTimeout(this.#stepTimer);
    clearTimeout(this.#totalTimer);
    this.#wake?.();
  }

  #waitForAccept(): void {
    clearTimeout(this.#stepTimer);
    this.#stepTimer = this.#expireAfter(ACCEPT_TIMEOUT_MS, 'to accept a sentence');
  }

  #waitForSound(): void {
    clearTimeout(this.#stepTimer);
    this.#stepTimer = this.#expireAfter(FIRST_AUDIO_TIMEOUT_MS, 'without progress');
  }

  #expireAfter(ms: number, what: string): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      const fault = new SpeechFault(
        'timeout',
        `The backend took longer than ${ms / 1_000} seconds ${what}.`,
      );
      this.#port.expired(fault);
      this.fail(fault);
    }, ms);
  }
}

function samplesOf(payload: Uint8Array): Int16Array {
  if (payload.byteLength % 2 !== 0) throw broken('sent half a sample');
  return samplesFromBytes(payload);
}

function codesOf(payload: Uint8Array, layout: CodesLayout): Int16Array {
  if (payload.byteLength % frameBytes(layout) !== 0) throw broken('sent half a frame');
  return unpackFrames(payload, layout);
}

function broken(what: string): SpeechFault {
  return new SpeechFault('backend_failed', `The backend ${what}.`);
}
