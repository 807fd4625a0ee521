/**
 * One socket: greets, reads messages, hands each to the request it names, keeps the line alive.
 * A message that is wrong ends the request it names; one that names none ends the socket.
 */
import type { CodesLayout } from '#shared/codec/codes-layout.ts';
import { describeCause, SpeechFault } from '#shared/errors.ts';
import { parseVoiceMessage } from '#shared/protocol/binary-message.ts';
import {
  IDLE_TIMEOUT_MS,
  MAX_JSON_BYTES,
  MAX_REQUESTS_PER_SOCKET,
  PING_INTERVAL_MS,
} from '#shared/protocol/limits.ts';
import {
  faultMessage,
  parseClientMessage,
  type ClientMessage,
  type HelloMessage,
  type SpeakMessage,
} from '#shared/protocol/messages.ts';
import type { RawData, WebSocket } from 'ws';
import type { Synthesizer } from '../pipeline/synthesizer.ts';
import type { Clock } from '../clock.ts';
import { Playback } from '../playback.ts';
import type { Listeners } from './listeners.ts';
import type { Log } from './log.ts';
import { OpenRequest } from './open-request.ts';
import type { OpenCount } from './open-count.ts';
import { Outbox } from './outbox.ts';
import type { SpeechQueue } from './queue.ts';
import type { Records } from './records.ts';
import { requestName } from './request-name.ts';
import type { VoiceCache } from './voice-cache.ts';
import { VoiceDesk } from './voice-desk.ts';

/** What all sockets share. */
export interface ConnectionParts {
  readonly synthesizer: Synthesizer;
  readonly queue: SpeechQueue;
  readonly voices: VoiceCache;
  readonly listeners: Listeners;
  readonly records: Records;
  /** How long a listener waits for the first sound, in milliseconds, where the peer does not say. */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Of all sockets. */
  readonly open: OpenCount;
  /** When a server that goes away will have gone; null while it stays. */
  readonly drainsUntilMs: number | null;
  /** Called once, when the socket is gone. */
  readonly onClosed: () => void;
}

type ConnectionState =
  | { readonly name: 'open' }
  /** What does not go on is refused; by then the server will have gone. */
  | { readonly name: 'draining'; readonly untilMs: number }
  | { readonly name: 'closed' };

export class Connection {
  /** Resolves when the socket is gone. */
  readonly closed: Promise<void>;
  readonly #parts: ConnectionParts;
  readonly #outbox: Outbox;
  readonly #voices: VoiceDesk;
  readonly #requests = new Map<number, OpenRequest>();
  /** Of requests that say no id. */
  readonly #playback = new Playback();
  #state: ConnectionState = { name: 'open' };
  #heardMs: number;
  #stopWatch: () => void = () => undefined;

  constructor(socket: WebSocket, parts: ConnectionParts) {
    this.#parts = parts;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    this.#outbox = new Outbox(socket, parts.clock);
    this.#voices = new VoiceDesk({
      cache: parts.voices,
      clock: parts.clock,
      ask: (request, voice) => this.#outbox.message({ type: 'voice-needed', request, voice }),
    });
    this.#heardMs = parts.clock.now();
    const { drainsUntilMs } = parts;
    if (drainsUntilMs !== null) this.#state = { name: 'draining', untilMs: drainsUntilMs };
    this.#listen(socket);
    this.#watch();
    const { model, fingerprint, vocabulary, sampleRate, maxSentenceTokens, latencyModes, codes } =
      parts.synthesizer.info;
    this.#outbox.message({
      type: 'hello',
      protocol: 1,
      model,
      ...(fingerprint === null ? {} : { fingerprint }),
      vocabulary,
      sampleRate,
      maxSentenceTokens,
      latencyModes: [...latencyModes],
      ...(codes === null ? {} : { codes: toldCodes(codes) }),
      ...(drainsUntilMs === null ? {} : { drainsWithinMs: this.#leftMs(drainsUntilMs) }),
    });
  }

  /** Tells the peer; from now on refuses requests but those of a text that is heard already. */
  drain(withinMs: number): void {
    if (this.#state.name === 'closed') return;
    this.#state = { name: 'draining', untilMs: this.#parts.clock.now() + withinMs };
    this.#outbox.message({ type: 'drain', withinMs });
  }

  /** Ends every request with the fault, then the socket. */
  close(code: number, fault: SpeechFault): void {
    this.#abortAll(fault);
    this.#outbox.close(code, fault.message);
  }

  #listen(socket: WebSocket): void {
    socket.on('message', (data, isBinary) => this.#hear(() => this.#read(data, isBinary)));
    socket.on('ping', () => this.#hear());
    socket.on('pong', () => this.#hear());
    // `close` follows every error
    socket.on('error', (error) => this.#parts.log('socket-error', { cause: describeCause(error) }));
    socket.on('close', (code) => this.#gone(code));
  }

  #hear(read?: () => void): void {
    if (this.#state.name === 'closed') return;
    this.#heardMs = this.#parts.clock.now();
    try {
      read?.();
    } catch (error) {
      this.#failSocket(SpeechFault.from(error));
    }
  }

  #read(data: RawData, isBinary: boolean): void {
    const bytes = oneBuffer(data);
    if (isBinary) this.#readBinary(bytes);
    else this.#readText(bytes);
  }

  #readBinary(bytes: Buffer): void {
    const message = parseVoiceMessage(bytes);
    if (message === null) return;
    this.#voices
      .receive(message)
      .catch((error: unknown) => this.#failSocket(SpeechFault.from(error)));
  }

  #readText(bytes: Buffer): void {
    if (bytes.byteLength > MAX_JSON_BYTES) {
      throw new SpeechFault('invalid_request', `A JSON message may have ${MAX_JSON_BYTES} bytes.`);
    }
    const text = bytes.toString('utf8');
    let message: ClientMessage | null;
    try {
      message = parseClientMessage(text);
    } catch (error) {
      const request = requestOf(text);
      if (request === null) throw error;
      this.#failRequest(request, SpeechFault.from(error));
      return;
    }
    if (message !== null) this.#answer(message);
  }

  #answer(message: ClientMessage): void {
    switch (message.type) {
      case 'speak':
        this.#open(message);
        break;
      case 'credit':
        // a request that has just ended is no mistake of the peer's
        this.#requests.get(message.request)?.grant(message.samples);
        break;
      case 'cancel':
        this.#requests
          .get(message.request)
          ?.abort(new SpeechFault('cancelled', 'The request was cancelled.'));
        break;
      case 'ping':
        this.#outbox.message({ type: 'pong' });
        break;
      case 'pong':
        break;
      default:
        message satisfies never;
    }
  }

  #open(message: SpeakMessage): void {
    const { request } = message;
    const { synthesizer, queue, listeners, records, patienceMs, clock, log, open } = this.#parts;
    const name = requestName(message);
    const playback = name === null ? this.#playback : listeners.of(name);
    const refusal = this.#refusal(request, message.row > 0 && playback.hasBegun);
    if (refusal !== null) {
      this.#failRequest(request, refusal);
      return;
    }
    const opened = new OpenRequest({
      message,
      synthesizer,
      queue,
      lane: this,
      playback,
      patienceMs,
      voices: this.#voices,
      records,
      outbox: this.#outbox,
      clock,
      log: (event, facts) => log(event, { request, ...facts }),
      onClosed: () => this.#ended(request),
    });
    this.#requests.set(request, opened);
    open.begin();
    void opened.run();
  }

  #refusal(request: number, goesOn: boolean): SpeechFault | null {
    if (this.#state.name === 'draining' && !goesOn) {
      return new SpeechFault('draining', 'This backend is going away; ask another.', {
        retryAfterMs: this.#leftMs(this.#state.untilMs),
      });
    }
    if (this.#requests.has(request)) {
      return new SpeechFault(
        'invalid_request',
        `Request ${request} is open already; numbers are unique on a socket.`,
        { param: 'request' },
      );
    }
    if (this.#requests.size >= MAX_REQUESTS_PER_SOCKET) {
      return new SpeechFault(
        'busy',
        `This socket has ${MAX_REQUESTS_PER_SOCKET} open requests, as many as it may have. Wait for one, or open another socket.`,
        { retryAfterMs: this.#parts.queue.retryAfterMs },
      );
    }
    return null;
  }

  /** A fault closes the request it names, so an open one ends with it. */
  #failRequest(request: number, fault: SpeechFault): void {
    const open = this.#requests.get(request);
    if (open === undefined) this.#outbox.message(faultMessage(request, fault));
    else open.abort(fault);
  }

  #failSocket(fault: SpeechFault): void {
    if (this.#state.name === 'closed') return;
    this.#parts.log('socket-failed', { code: fault.code, cause: describeCause(fault.cause) });
    this.#outbox.message(faultMessage(null, fault));
    this.close(fault.traits.close, fault);
  }

  #ended(request: number): void {
    this.#requests.delete(request);
    this.#parts.open.end();
  }

  #leftMs(untilMs: number): number {
    return Math.max(0, untilMs - this.#parts.clock.now());
  }

  #abortAll(fault: SpeechFault): void {
    for (const request of this.#requests.values()) request.abort(fault);
  }

  /** Says `ping` when the peer is silent, and gives it up when it stays so. */
  #watch(): void {
    this.#stopWatch = this.#parts.clock.after(PING_INTERVAL_MS, () => {
      const silentMs = this.#parts.clock.now() - this.#heardMs;
      if (silentMs >= IDLE_TIMEOUT_MS) {
        this.#failSocket(
          new SpeechFault('timeout', `Nothing was heard for ${IDLE_TIMEOUT_MS / 1_000} s.`),
        );
        return;
      }
      if (silentMs >= PING_INTERVAL_MS) this.#outbox.message({ type: 'ping' });
      this.#watch();
    });
  }

  #gone(code: number): void {
    this.#state = { name: 'closed' };
    this.#stopWatch();
    this.#abortAll(new SpeechFault('cancelled', 'The socket was closed.'));
    this.#parts.log('socket-closed', { code });
    this.#parts.onClosed();
  }
}

/** The rate is told beside it. */
function toldCodes({
  decoder,
  codebooks,
  codeBits,
  hopSamples,
  firstChunkFrames,
}: CodesLayout): HelloMessage['codes'] {
  return { decoder, codebooks, codeBits, hopSamples, firstChunkFrames };
}

function oneBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** The request that a faulty message names, if it can be told. */
function requestOf(text: string): number | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // what is not JSON names nothing
    return null;
  }
  if (typeof value !== 'object' || value === null || !('request' in value)) return null;
  const { request } = value;
  const isNumber = typeof request === 'number' && Number.isInteger(request);
  return isNumber && request >= 0 && request <= 0xffff_ffff ? request : null;
}
