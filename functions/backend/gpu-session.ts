/** The edge's half of the protocol on one socket: greets, asks, sends voices, sorts what comes back. */
import { SAMPLE_RATE } from '#shared/bark/constants.ts';
import { SpeechFault } from '#shared/errors.ts';
import { encodeVoiceMessage, parseAudioMessage } from '#shared/protocol/binary-message.ts';
import { HELLO_TIMEOUT_MS, IDLE_TIMEOUT_MS, PING_INTERVAL_MS } from '#shared/protocol/limits.ts';
import {
  encodeMessage,
  faultFromMessage,
  parseServerMessage,
  type ClientMessage,
  type HelloMessage,
  type ServerMessage,
  type SpeakMessage,
} from '#shared/protocol/messages.ts';
import type { BackendSocket } from './backend-socket.ts';
import { CREDIT_WINDOW_SAMPLES } from './credit-window.ts';
import { deferred } from './deferred.ts';
import { GpuSentence } from './gpu-sentence.ts';
import type { Asker, BackendInfo, CanonicalVoice, Sentence, SpeechSession } from './synthesizer.ts';

type State =
  | { readonly name: 'greeting' }
  | { readonly name: 'ready'; readonly info: BackendInfo }
  | { readonly name: 'closed'; readonly fault: SpeechFault };

interface OpenRequest {
  readonly sentence: GpuSentence;
  readonly voice: CanonicalVoice | null;
}

const NORMAL_CLOSURE = 1000;
/** A client may close with 1000 or with 3000 to 4999 only. */
const GIVEN_UP = 4000;

export class GpuSession implements SpeechSession {
  readonly #socket: BackendSocket;
  readonly #requests = new Map<number, OpenRequest>();
  readonly #greeted = deferred<void>();
  readonly #signal: AbortSignal;
  readonly #asker: Asker | undefined;
  #state: State = { name: 'greeting' };
  #nextRequest = 0;
  #helloTimer: ReturnType<typeof setTimeout> | null = null;
  #idleTimer: ReturnType<typeof setTimeout> | null = null;
  #pingTimer: ReturnType<typeof setInterval> | null = null;

  private constructor(socket: BackendSocket, signal: AbortSignal, asker: Asker | undefined) {
    this.#socket = socket;
    this.#signal = signal;
    this.#asker = asker;
  }

  /** Waits for the backend's hello on a fresh socket. */
  static async open(
    socket: BackendSocket,
    signal: AbortSignal,
    asker?: Asker,
  ): Promise<GpuSession> {
    const session = new GpuSession(socket, signal, asker);
    session.#start();
    await session.#greeted.promise;
    return session;
  }

  get info(): BackendInfo {
    if (this.#state.name === 'ready') return this.#state.info;
    throw this.#state.name === 'closed' ? this.#state.fault : new RangeError('no hello yet');
  }

  speak(sentence: Sentence): GpuSentence {
    const request = this.#nextRequest;
    this.#nextRequest += 1;
    const spoken = new GpuSentence({
      grant: (samples) => this.#send({ type: 'credit', request, samples }),
      expired: () => this.#cancel(request),
      codes: sentence.codes,
    });
    if (this.#state.name === 'closed') {
      spoken.fail(this.#state.fault);
      return spoken;
    }
    this.#requests.set(request, { sentence: spoken, voice: sentence.voice });
    this.#send({
      type: 'speak',
      request,
      ids: Array.from(sentence.ids),
      voice: sentence.voice?.hash ?? null,
      options: sentence.options,
      latency: sentence.latency,
      seed: sentence.seed,
      row: sentence.row,
      ...(sentence.codes === null ? {} : { codes: sentence.codes.decoder }),
      ...askerFields(this.#asker),
    });
    this.#send({ type: 'credit', request, samples: CREDIT_WINDOW_SAMPLES });
    return spoken;
  }

  close(): void {
    if (this.#state.name === 'closed') return;
    for (const request of this.#requests.keys()) this.#send({ type: 'cancel', request });
    this.#end(new SpeechFault('cancelled', 'The request was cancelled.'), NORMAL_CLOSURE);
  }

  #start(): void {
    this.#helloTimer = setTimeout(() => {
      this.#end(new SpeechFault('timeout', 'The backend did not say hello in time.'), GIVEN_UP);
    }, HELLO_TIMEOUT_MS);
    this.#pingTimer = setInterval(() => this.#send({ type: 'ping' }), PING_INTERVAL_MS);
    this.#heard();
    this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#socket.listen({
      message: (message) => this.#receive(message),
      closed: () => this.#lost(),
    });
    if (this.#signal.aborted) this.close();
  }

  readonly #onAbort = (): void => this.close();

  /** The line broke: before the hello nobody was there, later something was going on. */
  #lost(): void {
    const fault =
      this.#state.name === 'greeting'
        ? new SpeechFault('backend_unavailable', 'The backend closed the connection at once.')
        : new SpeechFault('backend_failed', 'The connection to the backend was lost.');
    this.#end(fault, null);
  }

  #receive(message: string | Uint8Array): void {
    if (this.#state.name === 'closed') return;
    this.#heard();
    try {
      if (typeof message === 'string') this.#control(message);
      else this.#audio(message);
    } catch (error) {
      this.#end(unexpected(error, this.#state.name), GIVEN_UP);
    }
  }

  #audio(bytes: Uint8Array): void {
    const message = parseAudioMessage(bytes);
    // an unknown request may be one that was just cancelled
    if (message !== null) this.#requests.get(message.request)?.sentence.audio(message);
  }

  #control(text: string): void {
    const message = parseServerMessage(text);
    if (message === null) return;
    switch (message.type) {
      case 'hello':
        this.#greet(message);
        break;
      case 'accepted':
        this.#requests.get(message.request)?.sentence.accept(message.position);
        break;
      case 'voice-needed':
        this.#sendVoice(message);
        break;
      case 'done':
        this.#requests.get(message.request)?.sentence.done(message.samples, message.report);
        this.#requests.delete(message.request);
        break;
      case 'fault':
        this.#fault(message);
        break;
      case 'ping':
        this.#send({ type: 'pong' });
        break;
      case 'progress':
        this.#requests.get(message.request)?.sentence.progress();
        break;
      case 'pong':
      case 'drain': // what was asked for is still spoken; a later sentence hears it as its own fault
        break;
      default:
        message satisfies never;
    }
  }

  #greet(hello: HelloMessage): void {
    if (this.#state.name !== 'greeting') return;
    if (hello.sampleRate !== SAMPLE_RATE) {
      throw new SpeechFault(
        'backend_mismatch',
        `The backend speaks at ${hello.sampleRate} samples a second, the edge at ${SAMPLE_RATE}; ` +
          'run edge and backend of the same version.',
      );
    }
    const { type: _type, protocol: _protocol, ...info } = hello;
    this.#state = { name: 'ready', info };
    clearTimeout(this.#helloTimer);
    this.#greeted.resolve();
  }

  #sendVoice(message: Extract<ServerMessage, { type: 'voice-needed' }>): void {
    const open = this.#requests.get(message.request);
    if (open === undefined) return;
    if (open.voice === null || open.voice.hash !== message.voice) {
      throw new SpeechFault('backend_failed', 'The backend asked for a voice it was not told of.');
    }
    this.#transmit(encodeVoiceMessage({ request: message.request, voice: open.voice.bytes }));
    open.sentence.voiceSent();
  }

  #fault(message: Extract<ServerMessage, { type: 'fault' }>): void {
    const fault = faultFromMessage(message);
    if (message.request === null) {
      this.#end(fault, GIVEN_UP);
      return;
    }
    this.#requests.get(message.request)?.sentence.fail(fault);
    this.#requests.delete(message.request);
  }

  #cancel(request: number): void {
    this.#requests.delete(request);
    this.#send({ type: 'cancel', request });
  }

  #send(message: ClientMessage): void {
    this.#transmit(encodeMessage(message));
  }

  #transmit(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#state.name === 'closed') return;
    try {
      this.#socket.send(message);
    } catch {
      // a socket that can not send has ended, and its close event may never come
      this.#lost();
    }
  }

  /** Something came, so the line lives. */
  #heard(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      const seconds = IDLE_TIMEOUT_MS / 1_000;
      this.#end(
        new SpeechFault('timeout', `The backend was silent for ${seconds} seconds.`),
        GIVEN_UP,
      );
    }, IDLE_TIMEOUT_MS);
  }

  /** Ends everything with one fault; a null code means that the socket has closed by itself. */
  #end(fault: SpeechFault, closeCode: number | null): void {
    if (this.#state.name === 'closed') return;
    this.#state = { name: 'closed', fault };
    clearTimeout(this.#helloTimer);
    clearTimeout(this.#idleTimer);
    clearInterval(this.#pingTimer);
    this.#signal.removeEventListener('abort', this.#onAbort);
    for (const { sentence } of this.#requests.values()) sentence.fail(fault);
    this.#requests.clear();
    this.#greeted.reject(fault);
    this.#socket.close(closeCode ?? NORMAL_CLOSURE, fault.code);
  }
}

function askerFields(asker: Asker | undefined): Pick<SpeakMessage, 'id' | 'caller' | 'patienceMs'> {
  if (asker === undefined) return {};
  const { requestId: id, caller, patienceMs } = asker;
  return {
    id,
    ...(caller === null ? {} : { caller }),
    ...(patienceMs === null ? {} : { patienceMs }),
  };
}

/** What the backend sent made no sense: its fault, not the caller's. */
function unexpected(error: unknown, during: State['name']): SpeechFault {
  if (error instanceof SpeechFault && error.code !== 'invalid_request') return error;
  if (during === 'greeting') {
    return new SpeechFault(
      'backend_mismatch',
      'The hello of the backend is not one we know; run edge and backend of the same version.',
      { cause: error },
    );
  }
  return new SpeechFault('backend_failed', 'The backend sent a message that is not valid.', {
    cause: error,
  });
}
