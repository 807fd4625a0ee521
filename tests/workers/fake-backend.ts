/**
 * A backend without a model: speaks the protocol, says every sentence as a tone. It keeps to credit,
 * asks for voices it has not met, and misbehaves when told to. Knows no transport.
 */
import { hashVoice } from '#shared/bark/voice.ts';
import { packFrames } from '#shared/codec/codes-layout.ts';
import {
  AUDIO_KIND,
  encodeAudioMessage,
  parseVoiceMessage,
} from '#shared/protocol/binary-message.ts';
import {
  encodeMessage,
  parseClientMessage,
  type ClientMessage,
  type HelloMessage,
  type ServerMessage,
  type SpeakMessage,
} from '#shared/protocol/messages.ts';
import { SAMPLE_RATE } from '#shared/bark/constants.ts';

export interface FakeBackendOptions {
  readonly hello: Pick<HelloMessage, 'model' | 'vocabulary'> & Partial<HelloMessage>;
  /** Samples of each sentence. */
  readonly samples?: number;
  /** Samples of one audio message. */
  readonly messageSamples?: number;
  /** Time between two audio messages; 0 sends as fast as credit allows. */
  readonly intervalMs?: number;
  /** The sentence of this row ends in a fault, after so many samples. */
  readonly fault?: {
    row: number;
    afterSamples: number;
    code: string;
    retryAfterMs?: number;
    times?: number;
  };
  /** The socket is dropped after so many samples of a sentence. */
  readonly dropAfterSamples?: number;
  /** The place in a queue that it tells with each sentence. */
  readonly position?: number;
  /** Accepts, and then says nothing. */
  readonly isSilent?: boolean;
}

/** What all connections of one backend have in common, for a test to look at. */
export class FakeBackend {
  readonly options: FakeBackendOptions;
  readonly received: ClientMessage[] = [];
  readonly voices = new Set<string>();
  voicesReceived = 0;
  samplesSent = 0;
  openConnections = 0;
  faultsSent = 0;

  constructor(options: FakeBackendOptions) {
    this.options = options;
  }

  get speaks(): readonly SpeakMessage[] {
    return this.received.filter((message) => message.type === 'speak');
  }

  count(type: ClientMessage['type']): number {
    return this.received.filter((message) => message.type === type).length;
  }

  connect(
    send: (data: string | Uint8Array<ArrayBuffer>) => void,
    drop: () => void,
  ): FakeConnection {
    this.openConnections += 1;
    return new FakeConnection(this, send, drop);
  }
}

interface Running {
  readonly speak: SpeakMessage;
  credit: number;
  sent: number;
  sequence: number;
  isAccepted: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export class FakeConnection {
  readonly #backend: FakeBackend;
  readonly #transmit: (data: string | Uint8Array<ArrayBuffer>) => void;
  readonly #drop: () => void;
  readonly #running = new Map<number, Running>();

  constructor(
    backend: FakeBackend,
    send: (data: string | Uint8Array<ArrayBuffer>) => void,
    drop: () => void,
  ) {
    this.#backend = backend;
    this.#transmit = send;
    this.#drop = drop;
    this.#send({
      type: 'hello',
      protocol: 1,
      sampleRate: SAMPLE_RATE,
      maxSentenceTokens: 256,
      latencyModes: ['exact', 'balanced', 'fast'],
      ...backend.options.hello,
    });
  }

  receiveText(text: string): void {
    const message = parseClientMessage(text);
    if (message === null) return;
    this.#backend.received.push(message);
    switch (message.type) {
      case 'speak':
        this.#speak(message);
        break;
      case 'credit': {
        const running = this.#running.get(message.request);
        if (running === undefined) break;
        running.credit += message.samples;
        this.#continue(running);
        break;
      }
      case 'cancel':
        this.#stop(message.request);
        break;
      case 'ping':
        this.#send({ type: 'pong' });
        break;
      case 'pong':
        break;
      default:
        message satisfies never;
    }
  }

  async receiveBytes(bytes: Uint8Array): Promise<void> {
    const message = parseVoiceMessage(bytes);
    if (message === null) return;
    this.#backend.voicesReceived += 1;
    this.#backend.voices.add(await hashVoice(Uint8Array.from(message.voice)));
    const running = this.#running.get(message.request);
    if (running !== undefined) this.#accept(running);
  }

  gone(): void {
    this.#backend.openConnections -= 1;
    for (const request of this.#running.keys()) this.#stop(request);
  }

  #speak(speak: SpeakMessage): void {
    const { voice, request } = speak;
    const running: Running = {
      speak,
      credit: 0,
      sent: 0,
      sequence: 0,
      isAccepted: false,
      timer: undefined,
    };
    this.#running.set(request, running);
    if (this.#faultIsDue(running)) return;
    if (voice !== null && !this.#backend.voices.has(voice)) {
      this.#send({ type: 'voice-needed', request, voice });
      return;
    }
    this.#accept(running);
  }

  #accept(running: Running): void {
    running.isAccepted = true;
    const { position } = this.#backend.options;
    this.#send({
      type: 'accepted',
      request: running.speak.request,
      ...(position === undefined ? {} : { position }),
    });
    this.#continue(running);
  }

  #continue(running: Running): void {
    const { messageSamples = 2_400, intervalMs = 0 } = this.#backend.options;
    if (!running.isAccepted || running.timer !== undefined) return;
    if (this.#backend.options.isSilent === true) return;
    while (running.credit > 0 || this.#left(running) === 0) {
      if (this.#faultIsDue(running) || this.#isDropped(running)) return;
      if (this.#left(running) === 0) {
        this.#finish(running);
        return;
      }
      const samples = Math.min(messageSamples, running.credit, this.#left(running));
      if (running.speak.codes === undefined) this.#sendTone(running, samples);
      else this.#sendCodes(running, Math.floor(samples / HOP_SAMPLES));
      if (intervalMs > 0) {
        running.timer = setTimeout(() => {
          running.timer = undefined;
          this.#continue(running);
        }, intervalMs);
        return;
      }
    }
  }

  #left(running: Running): number {
    return (this.#backend.options.samples ?? SAMPLE_RATE) - running.sent;
  }

  #sendCodes(running: Running, frames: number): void {
    const first = running.sent / HOP_SAMPLES;
    const codes = Int16Array.from({ length: 8 * frames }, (_, i) =>
      codeAt(first + Math.floor(i / 8), i % 8, running.speak.row),
    );
    this.#sendSound(running, AUDIO_KIND.codes, frames * HOP_SAMPLES, packFrames(codes, CODES));
  }

  #sendTone(running: Running, samples: number): void {
    const { row } = running.speak;
    const payload = new Uint8Array(2 * samples);
    const view = new DataView(payload.buffer);
    for (let i = 0; i < samples; i += 1) {
      view.setInt16(2 * i, toneAt(running.sent + i, row), true);
    }
    this.#sendSound(running, AUDIO_KIND.pcm, samples, payload);
  }

  #sendSound(running: Running, kind: number, samples: number, payload: Uint8Array): void {
    this.#transmit(
      encodeAudioMessage({
        kind,
        request: running.speak.request,
        sequence: running.sequence,
        sampleOffset: running.sent,
        payload,
      }),
    );
    running.sequence += 1;
    running.sent += samples;
    running.credit -= samples;
    this.#backend.samplesSent += samples;
  }

  #faultIsDue({ speak, sent }: Running): boolean {
    const { fault } = this.#backend.options;
    if (fault === undefined || fault.row !== speak.row || sent < fault.afterSamples) return false;
    if (fault.times !== undefined && this.#backend.faultsSent >= fault.times) return false;
    this.#backend.faultsSent += 1;
    this.#stop(speak.request);
    this.#send({
      type: 'fault',
      request: speak.request,
      code: fault.code,
      message: 'The engine failed.',
      ...(fault.retryAfterMs === undefined ? {} : { retryAfterMs: fault.retryAfterMs }),
    });
    return true;
  }

  #isDropped({ sent }: Running): boolean {
    const { dropAfterSamples } = this.#backend.options;
    if (dropAfterSamples === undefined || sent < dropAfterSamples) return false;
    this.#drop();
    return true;
  }

  #finish({ speak, sent }: Running): void {
    const stage = { ms: 1, steps: 10 };
    this.#stop(speak.request);
    this.#send({
      type: 'done',
      request: speak.request,
      samples: sent,
      report: {
        queueMs: 0,
        firstAudioMs: 2,
        totalMs: 4,
        semantic: stage,
        coarse: stage,
        fine: stage,
        codec: stage,
      },
    });
  }

  #stop(request: number): void {
    clearTimeout(this.#running.get(request)?.timer);
    this.#running.delete(request);
  }

  #send(message: ServerMessage): void {
    this.#transmit(encodeMessage(message));
  }
}

/** Samples of a frame. */
const HOP_SAMPLES = 320;

/** How the codes are told, to be put into `hello`. */
export const CODES = {
  decoder: 'd0'.repeat(32),
  codebooks: 8,
  codeBits: 10,
  hopSamples: HOP_SAMPLES,
  firstChunkFrames: 7,
};

/** Tells frame, codebook and row. */
export function codeAt(frame: number, book: number, row: number): number {
  return (frame * 8 + book + 100 * row) % 1_024;
}

/** A quiet tone, another pitch for each row. */
export function toneAt(sample: number, row: number): number {
  return Math.round(6_000 * Math.sin((2 * Math.PI * (220 + 55 * row) * sample) / SAMPLE_RATE));
}
