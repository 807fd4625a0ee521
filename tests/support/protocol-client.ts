/**
 * The edge's side of the wire, for tests: what the server says is read one message at a time with
 * `await client.next()`, so that a test reads as the dialogue it checks.
 */
import {
  encodeVoiceMessage,
  parseAudioMessage,
  type AudioMessage,
} from '#shared/protocol/binary-message.ts';
import { SPEECH_PATH, SUBPROTOCOL } from '#shared/protocol/limits.ts';
import {
  encodeMessage,
  parseServerMessage,
  type ClientMessage,
  type HelloMessage,
  type ServerMessage,
  type SpeakMessage,
} from '#shared/protocol/messages.ts';
import { WebSocket } from 'ws';

export type Heard = ServerMessage | ({ readonly type: 'audio' } & AudioMessage);
type HeardOf<Type extends Heard['type']> = Extract<Heard, { type: Type }>;

interface ConnectOptions {
  readonly token?: string;
  readonly subprotocol?: string;
}

/** What a request is unless the test says otherwise. */
const SPEAK: Omit<SpeakMessage, 'request'> = {
  type: 'speak',
  ids: [10_117, 11_356],
  voice: null,
  options: {},
  latency: 'exact',
  seed: 7,
  row: 0,
};

export class ProtocolClient {
  readonly socket: WebSocket;
  /** Resolves when the socket is gone. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #heard: Heard[] = [];
  readonly #readers: { resolve: (message: Heard) => void; reject: (error: Error) => void }[] = [];
  #end: Error | undefined;

  private constructor(url: string, { token, subprotocol = SUBPROTOCOL }: ConnectOptions) {
    const address = new URL(SPEECH_PATH, url);
    address.protocol = address.protocol.replace('http', 'ws');
    this.socket = new WebSocket(address, subprotocol, {
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    });
    this.socket.on('message', (data: Buffer, isBinary) => this.#hear(data, isBinary));
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => {
        this.#end = new Error(`The socket was closed with ${code}: ${reason.toString()}`);
        for (const reader of this.#readers.splice(0)) reader.reject(this.#end);
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Opens a socket and reads the hello. */
  static async connect(
    url: string,
    options: ConnectOptions = {},
  ): Promise<ProtocolClient & { readonly hello: HelloMessage }> {
    const client = new ProtocolClient(url, options);
    const hello = await client.next('hello');
    return Object.assign(client, { hello });
  }

  /** The next message, which must have the type that is named. */
  next(): Promise<Heard>;
  next<Type extends Heard['type']>(type: Type): Promise<HeardOf<Type>>;
  async next(type?: Heard['type']): Promise<Heard> {
    const message = await this.#take();
    if (type !== undefined && message.type !== type) {
      throw new Error(`Expected ${type}, heard ${JSON.stringify(message).slice(0, 300)}`);
    }
    return message;
  }

  /** Reads until a message of this type, of this request if one is named; what came before is left out. */
  async until<Type extends Heard['type']>(type: Type, request?: number): Promise<HeardOf<Type>> {
    for (;;) {
      const message = await this.#take();
      const isOfRequest =
        request === undefined || ('request' in message && message.request === request);
      if (isOfRequest && isType(message, type)) return message;
    }
  }

  /** Everything of one request up to and with its `done` or `fault`; other requests are left out. */
  async through(request: number): Promise<Heard[]> {
    const messages: Heard[] = [];
    for (;;) {
      const message = await this.#take();
      if (!('request' in message) || message.request !== request) continue;
      messages.push(message);
      if (message.type === 'done' || message.type === 'fault') return messages;
    }
  }

  /** What the server had said by the time it answered a ping: shows that something did not come. */
  async saidByNow(): Promise<Heard[]> {
    this.send({ type: 'ping' });
    const messages: Heard[] = [];
    for (;;) {
      const message = await this.#take();
      if (message.type === 'pong') return messages;
      messages.push(message);
    }
  }

  send(message: ClientMessage): void {
    this.socket.send(encodeMessage(message));
  }

  speak(request: number, changes: Partial<SpeakMessage> = {}): void {
    this.send({ ...SPEAK, ...changes, request });
  }

  credit(request: number, samples: number): void {
    this.send({ type: 'credit', request, samples });
  }

  sendVoice(request: number, voice: Uint8Array): void {
    this.socket.send(encodeVoiceMessage({ request, voice }));
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #hear(data: Buffer, isBinary: boolean): void {
    const message = isBinary ? parseAudio(data) : parseServerMessage(data.toString('utf8'));
    if (message === null) return;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#heard.push(message);
    else reader.resolve(message);
  }

  #take(): Promise<Heard> {
    const message = this.#heard.shift();
    if (message !== undefined) return Promise.resolve(message);
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }
}

/** Asks for a socket that is refused: the HTTP answer. */
export function refusedUpgrade(
  url: string,
  options: { readonly subprotocol?: string; readonly headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const address = new URL(SPEECH_PATH, url);
  address.protocol = address.protocol.replace('http', 'ws');
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, options.subprotocol ?? SUBPROTOCOL, {
      headers: options.headers ?? {},
    });
    socket.on('open', () => {
      socket.terminate();
      reject(new Error('The socket was opened.'));
    });
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (body += part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
  });
}

function parseAudio(data: Buffer): Heard | null {
  const message = parseAudioMessage(data);
  return message === null ? null : { type: 'audio', ...message };
}

function isType<Type extends Heard['type']>(message: Heard, type: Type): message is HeardOf<Type> {
  return message.type === type;
}
