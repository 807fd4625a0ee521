/**
 * The door of the inference server: HTTP for `/health`, what requests have cost and the file that decodes codes, WebSocket
 * for speech. It listens while the model still loads, and answers 503 until it is there.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { describeCause, SpeechFault } from '#shared/errors.ts';
import {
  DECODER_PATH,
  MAX_BINARY_BYTES,
  PROTOCOL_VERSION,
  RECORDS_PATH,
  SPEECH_PATH,
  SUBPROTOCOL,
} from '#shared/protocol/limits.ts';
import { WebSocketServer } from 'ws';
import type { Synthesizer } from '../pipeline/synthesizer.ts';
import { bearsToken, isLoopback } from './access.ts';
import { systemClock, type Clock } from '../clock.ts';
import { Connection } from './connection.ts';
import { DecoderDesk, type ReadDecoderFile } from './decoder-desk.ts';
import { answerOn, faultAnswer, jsonAnswer, type Answer } from './http-answer.ts';
import { Listeners } from './listeners.ts';
import type { Log } from './log.ts';
import { OpenCount } from './open-count.ts';
import { SpeechQueue } from './queue.ts';
import { Records } from './records.ts';
import { VoiceCache } from './voice-cache.ts';

/** So many sockets may be open at a time, however few may speak and wait. */
const LEAST_SOCKETS = 256;

/** After a sentence the edge asks for the next of its text at once; who drains waits so long for it. */
const LINGER_MS = 2_000;

/** A listener who has heard nothing for a minute has gone. */
export const DEFAULT_PATIENCE_MS = 60_000;

/** When to try again while the model loads. */
const LOADING_RETRY_MS = 2_000;

/** RFC 6455 section 7.4.1: the server goes away. */
const CLOSE_GOING_AWAY = 1001;

export interface ServerConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The secret of `Authorization: Bearer`; null only on a loopback host. */
  readonly token: string | null;
  /** Most requests that wait for the engine. */
  readonly queueCapacity: number;
  /** How many sentences are spoken at the same time; 1 unless given. */
  readonly concurrency?: number;
  /** How long a listener waits for the first sound, in milliseconds, where the edge does not say; a minute unless given. */
  readonly patienceMs?: number;
  /** How long `drain` lets texts that are heard go on, in milliseconds. */
  readonly drainMs: number;
}

export interface ServerOptions {
  /** The engine, or the promise of one that still loads; handling its refusal is the caller's. */
  readonly synthesizer: Synthesizer | Promise<Synthesizer>;
  readonly config: ServerConfig;
  readonly log: Log;
  readonly clock?: Clock;
  /** The file that decodes the engine's codes; without it codes are told and no file is served. */
  readonly decoderFile?: ReadDecoderFile;
}

export interface SpeechServer {
  /** Begins to listen; resolves with the address, for example `http://127.0.0.1:8788`. */
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  /** Refuses what is new, lets texts that are heard go on to their end within `drainMs`, then closes. */
  drain(): Promise<void>;
  /** Ends every request and socket and stops listening. */
  close(): Promise<void>;
}

type ServerState =
  | { readonly name: 'loading' }
  | { readonly name: 'serving'; readonly synthesizer: Synthesizer }
  /** What is heard already still speaks, until the synthesizer is gone. */
  | {
      readonly name: 'draining';
      readonly untilMs: number;
      readonly synthesizer: Synthesizer | null;
    };

/** A server that does not listen yet; throws when it would be open to a network without a secret. */
export function createSpeechServer(options: ServerOptions): SpeechServer {
  const { synthesizer, config, log, clock = systemClock } = options;
  if (config.token === null && !isLoopback(config.host)) {
    throw new Error(
      `Listening on ${config.host} lets others speak here: set BACKEND_TOKEN to a secret, or BACKEND_HOST to 127.0.0.1.`,
    );
  }
  const queue = new SpeechQueue({
    capacity: config.queueCapacity,
    concurrency: config.concurrency ?? 1,
    clock,
  });
  // bounds what their buffers hold together; as many again as are served, so that who is refused hears its place
  const maxSockets = Math.max(LEAST_SOCKETS, 2 * queue.most);
  const voices = new VoiceCache();
  const listeners = new Listeners();
  const records = new Records();
  const open = new OpenCount(clock);
  const connections = new Set<Connection>();
  let socketCount = 0;
  let state: ServerState = { name: 'loading' };

  const decoders = new DecoderDesk(options.decoderFile ?? null);

  const http = createServer({ shouldUpgradeCallback: asksForWebSocket }, (request, response) => {
    void (async () => {
      const answer = await plainAnswer(request).catch((error: unknown) => {
        const fault = SpeechFault.from(error);
        log('request-failed', { code: fault.code, cause: describeCause(fault.cause) });
        return faultAnswer(fault);
      });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    })();
  });
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_BINARY_BYTES,
    handleProtocols: () => SUBPROTOCOL,
  });
  http.on('upgrade', upgrade);

  if (synthesizer instanceof Promise) {
    // the refusal is the caller's; here it means that the state stays `loading`
    synthesizer.then(serve, () => undefined);
  } else {
    serve(synthesizer);
  }

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        const refuse = (error: NodeJS.ErrnoException): void =>
          reject(
            error.code === 'EADDRINUSE'
              ? new Error(
                  `Port ${config.port} of ${config.host} is taken: something else listens there. Stop it, or set BACKEND_PORT to another, or to 0 for any free one.`,
                  { cause: error },
                )
              : error,
          );
        http.once('error', refuse);
        http.listen(config.port, config.host, () => {
          http.off('error', refuse);
          const bound = http.address();
          if (bound === null || typeof bound === 'string') {
            reject(new Error('The server has no port.'));
            return;
          }
          const { address, family, port } = bound;
          resolve({ url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`, port });
        });
      }),

    async drain() {
      if (state.name === 'draining') return;
      state = {
        name: 'draining',
        untilMs: clock.now() + config.drainMs,
        synthesizer: state.name === 'serving' ? state.synthesizer : null,
      };
      log('draining', { sockets: connections.size, withinMs: config.drainMs });
      for (const connection of connections) connection.drain(config.drainMs);
      const late = new AbortController();
      const stopTimer = clock.after(config.drainMs, () => late.abort());
      // too late or quiet: it ends either way
      await open.quiet(LINGER_MS, late.signal).catch(() => undefined);
      stopTimer();
      await close();
    },

    close,
  };

  function serve(loaded: Synthesizer): void {
    if (state.name !== 'loading') return;
    state = { name: 'serving', synthesizer: loaded };
    log('ready', { model: loaded.info.model });
  }

  async function close(): Promise<void> {
    const untilMs = state.name === 'draining' ? state.untilMs : clock.now();
    state = { name: 'draining', untilMs, synthesizer: null };
    const gone = new SpeechFault('draining', 'This backend has gone away; ask another.');
    const closed = Promise.all([...connections].map((connection) => connection.closed));
    for (const connection of connections) connection.close(CLOSE_GOING_AWAY, gone);
    await closed;
    await new Promise<void>((resolve) => {
      // a server that never listened is closed as well
      http.close(() => resolve());
      http.closeAllConnections();
    });
    log('closed');
  }

  async function plainAnswer(request: IncomingMessage): Promise<Answer> {
    const path = pathOf(request);
    if (path === SPEECH_PATH) return faultAnswer(unsupportedProtocol());
    const isRecord = path.startsWith(RECORDS_PATH);
    const isDecoder = path.startsWith(DECODER_PATH);
    if (path !== '/health' && !isRecord && !isDecoder) {
      return faultAnswer(
        new SpeechFault(
          'not_found',
          `There is ${SPEECH_PATH}, ${RECORDS_PATH}{id}, ${DECODER_PATH}{sha256}.onnx and /health.`,
        ),
      );
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return faultAnswer(new SpeechFault('method_not_allowed', 'Ask for this with GET.'), {
        Allow: 'GET, HEAD',
      });
    }
    if (isRecord) return recordAnswer(request, path.slice(RECORDS_PATH.length));
    return isDecoder ? decoderAnswer(request, path.slice(DECODER_PATH.length)) : healthAnswer();
  }

  async function decoderAnswer(request: IncomingMessage, name: string): Promise<Answer> {
    const refusal = tokenRefusal(request) ?? notServing();
    if (refusal !== null || state.name !== 'serving') return faultAnswer(refusal ?? loading());
    return decoders.answer(name, state.synthesizer.info.codes?.decoder ?? null);
  }

  function recordAnswer(request: IncomingMessage, name: string): Answer {
    const refusal = tokenRefusal(request);
    if (refusal !== null) return faultAnswer(refusal);
    const record = records.of(name);
    if (record !== null) return jsonAnswer(200, record);
    return faultAnswer(
      new SpeechFault('not_found', 'No request of this name is remembered; the last ones are.'),
    );
  }

  function healthAnswer(): Answer {
    const unready = notServing();
    if (unready !== null) return faultAnswer(unready);
    return jsonAnswer(200, {
      status: 'ready',
      protocol: PROTOCOL_VERSION,
      model: state.name === 'serving' ? state.synthesizer.info.model : null,
      speaking: queue.speaking,
      waiting: queue.waiting,
    });
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // before a socket has a reader its errors would end the process
    socket.on('error', () => socket.destroy());
    const refusal = refusalOf(request);
    // the next sentence of a text that is heard may come on a socket of its own
    const ready = state.name === 'loading' ? null : state.synthesizer;
    if (refusal !== null || ready === null) {
      answerOn(socket, faultAnswer(refusal ?? notServing() ?? loading()));
      return;
    }
    const drainsUntilMs = state.name === 'draining' ? state.untilMs : null;
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      socketCount += 1;
      const id = socketCount;
      const connection = new Connection(webSocket, {
        synthesizer: ready,
        queue,
        voices,
        listeners,
        records,
        patienceMs: config.patienceMs ?? DEFAULT_PATIENCE_MS,
        clock,
        log: (event, facts) => log(event, { socket: id, ...facts }),
        open,
        drainsUntilMs,
        onClosed: () => connections.delete(connection),
      });
      connections.add(connection);
      log('socket-opened', { socket: id });
    });
  }

  function refusalOf(request: IncomingMessage): SpeechFault | null {
    if (pathOf(request) !== SPEECH_PATH) {
      return new SpeechFault('not_found', `Sockets are opened at ${SPEECH_PATH}.`);
    }
    const unauthorized = tokenRefusal(request);
    if (unauthorized !== null) return unauthorized;
    if (config.token === null && request.headers.origin !== undefined) {
      // any web page may open a socket to loopback; only a secret tells it from the edge
      return new SpeechFault('unauthorized', 'A web page may not speak here without a secret.');
    }
    if (!offersSubprotocol(request)) return unsupportedProtocol();
    if (connections.size >= maxSockets) {
      return new SpeechFault('busy', `There are ${maxSockets} sockets, as many as there may be.`, {
        retryAfterMs: queue.retryAfterMs,
      });
    }
    return null;
  }

  function tokenRefusal(request: IncomingMessage): SpeechFault | null {
    if (config.token === null || bearsToken(request.headers.authorization, config.token)) {
      return null;
    }
    return new SpeechFault(
      'unauthorized',
      'Send the secret of this backend as `Authorization: Bearer ...`.',
    );
  }

  function notServing(): SpeechFault | null {
    switch (state.name) {
      case 'serving':
        return null;
      case 'loading':
        return loading();
      case 'draining':
        return new SpeechFault('draining', 'This backend is going away; ask another.', {
          retryAfterMs: Math.max(0, state.untilMs - clock.now()),
        });
      default:
        return state satisfies never;
    }
  }
}

function loading(): SpeechFault {
  return new SpeechFault('backend_unavailable', 'The model is still being loaded.', {
    retryAfterMs: LOADING_RETRY_MS,
  });
}

function unsupportedProtocol(): SpeechFault {
  return new SpeechFault(
    'unsupported_protocol',
    `This backend speaks ${SUBPROTOCOL} over WebSocket at ${SPEECH_PATH}; offer it in Sec-WebSocket-Protocol.`,
  );
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function offersSubprotocol(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((name) => name.trim() === SUBPROTOCOL);
}

function asksForWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}
