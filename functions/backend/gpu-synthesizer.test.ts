import { ws } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { encodeVoice, hashVoice } from '#shared/bark/voice.ts';
import { SpeechFault, type FaultCode } from '#shared/errors.ts';
import { encodeAudioMessage } from '#shared/protocol/binary-message.ts';
import { SPEECH_PATH } from '#shared/protocol/limits.ts';
import { FakeBackend, toneAt, type FakeBackendOptions } from '../../tests/workers/fake-backend.ts';
import { globalConnector } from '../../tests/workers/global-socket.ts';
import { CREDIT_WINDOW_SAMPLES } from './credit-window.ts';
import { gpuSynthesizer } from './gpu-synthesizer.ts';
import type { Sentence, SpeechSession, SpokenSentence } from './synthesizer.ts';

const ORIGIN = 'ws://backend.test';
const link = ws.link(ORIGIN + SPEECH_PATH);
const server = setupServer();
const HELLO = { model: 'bark-toy', vocabulary: null };

beforeAll(() => server.listen());
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

/** A well-behaved fake, or one that misbehaves as its options say. */
function serve(options: Partial<FakeBackendOptions> = {}): FakeBackend {
  const backend = new FakeBackend({ hello: HELLO, ...options });
  server.use(
    link.addEventListener('connection', ({ client }) => {
      const connection = backend.connect(
        (data) => client.send(data),
        () => client.close(4000),
      );
      client.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') connection.receiveText(data);
        else if (data instanceof ArrayBuffer) void connection.receiveBytes(new Uint8Array(data));
        else if (ArrayBuffer.isView(data)) {
          void connection.receiveBytes(
            new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
          );
        }
      });
      client.addEventListener('close', () => connection.gone());
    }),
  );
  return backend;
}

/** A backend that sends these messages: the first on connection, the others on `speak`. */
function serveScript(hello: string, ...answers: (string | Uint8Array<ArrayBuffer>)[]): void {
  server.use(
    link.addEventListener('connection', ({ client }) => {
      client.send(hello);
      client.addEventListener('message', ({ data }) => {
        if (typeof data === 'string' && data.includes('"speak"')) {
          for (const answer of answers) client.send(answer);
        }
      });
    }),
  );
}

const HELLO_TEXT =
  '{"type":"hello","protocol":1,"model":"m","vocabulary":null,"sampleRate":24000,"maxSentenceTokens":256,"latencyModes":["exact"]}';
const ACCEPTED = '{"type":"accepted","request":0}';

async function connect(signal = new AbortController().signal): Promise<SpeechSession> {
  return gpuSynthesizer(globalConnector(ORIGIN)).connect(signal);
}

function sentence(change: Partial<Sentence> = {}): Sentence {
  return {
    ids: Int32Array.of(7, 8, 9),
    voice: null,
    options: { semantic: { temperature: 0.6 } },
    latency: 'exact',
    seed: 4_242,
    row: 0,
    codes: null,
    key: 'a key',
    ...change,
  };
}

async function readAll(spoken: SpokenSentence): Promise<Int16Array> {
  const all: number[] = [];
  for (let piece = await spoken.read(); piece !== null; piece = await spoken.read()) {
    all.push(...piece);
  }
  return Int16Array.from(all);
}

async function faultOf(work: Promise<unknown>): Promise<SpeechFault> {
  const outcome = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof SpeechFault) return outcome;
  throw new Error('expected a fault', { cause: outcome });
}

async function toyVoice(): Promise<{ hash: string; bytes: Uint8Array<ArrayBuffer> }> {
  const bytes = encodeVoice({
    semanticPrompt: Uint16Array.of(1, 2),
    coarsePrompt: Uint16Array.of(1, 2),
    finePrompt: Uint16Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  });
  return { hash: await hashVoice(bytes), bytes };
}

describe('a sentence', () => {
  test('is asked for with all that was chosen and comes back as samples and a report', async () => {
    const backend = serve({ samples: 5_000 });
    const session = await connect();
    const spoken = session.speak(sentence());
    await spoken.accepted;
    const samples = await readAll(spoken);
    expect(samples).toEqual(Int16Array.from({ length: 5_000 }, (_, i) => toneAt(i, 0)));
    expect((await spoken.finished).semantic.steps).toBe(10);
    expect(backend.speaks).toEqual([
      {
        type: 'speak',
        request: 0,
        ids: [7, 8, 9],
        voice: null,
        options: { semantic: { temperature: 0.6 } },
        latency: 'exact',
        seed: 4_242,
        row: 0,
      },
    ]);
    session.close();
  });

  test('shares its socket with the next one', async () => {
    const backend = serve({ samples: 3_000 });
    const session = await connect();
    const [first, second] = [session.speak(sentence()), session.speak(sentence({ row: 1 }))];
    expect(await readAll(second)).toEqual(
      Int16Array.from({ length: 3_000 }, (_, i) => toneAt(i, 1)),
    );
    expect(await readAll(first)).toHaveLength(3_000);
    expect(backend.openConnections).toBe(1);
    session.close();
  });
});

describe('a voice', () => {
  test('travels by its hash, and whole only once', async () => {
    const backend = serve({ samples: 100 });
    const voice = await toyVoice();
    for (let i = 0; i < 2; i += 1) {
      const session = await connect();
      await readAll(session.speak(sentence({ voice })));
      session.close();
    }
    expect(backend.speaks.map((speak) => speak.voice)).toEqual([voice.hash, voice.hash]);
    expect(backend.voicesReceived).toBe(1);
    expect([...backend.voices]).toEqual([voice.hash]);
  });

  test('that nobody spoke of is not sent', async () => {
    serveScript(HELLO_TEXT, `{"type":"voice-needed","request":0,"voice":"${'ab'.repeat(32)}"}`);
    const session = await connect();
    const fault = await faultOf(session.speak(sentence()).accepted);
    expect(fault.code).toBe('backend_failed');
  });
});

describe('credit', () => {
  test('stops the backend one window ahead of a reader that rests', async () => {
    const backend = serve({ samples: 3 * CREDIT_WINDOW_SAMPLES });
    const session = await connect();
    const spoken = session.speak(sentence());
    await spoken.accepted;
    await vi.waitFor(() => expect(backend.samplesSent).toBe(CREDIT_WINDOW_SAMPLES));
    expect((await readAll(spoken)).length).toBe(3 * CREDIT_WINDOW_SAMPLES);
    session.close();
  });

  test('that is overdrawn ends the session', async () => {
    const tooMuch = encodeAudioMessage({
      kind: 0,
      request: 0,
      sequence: 0,
      sampleOffset: 0,
      payload: new Uint8Array(2 * (CREDIT_WINDOW_SAMPLES + 1)),
    });
    serveScript(HELLO_TEXT, ACCEPTED, tooMuch);
    const session = await connect();
    const fault = await faultOf(readAll(session.speak(sentence())));
    expect([fault.code, fault.message]).toEqual([
      'backend_failed',
      'The backend sent more than it was granted.',
    ]);
  });
});

describe('leaving', () => {
  test('cancels what runs and closes the socket', async () => {
    const backend = serve({ samples: 24_000_000, intervalMs: 5 });
    const leave = new AbortController();
    const session = await connect(leave.signal);
    const spoken = session.speak(sentence());
    await spoken.read();
    leave.abort();
    expect((await faultOf(readAll(spoken))).code).toBe('cancelled');
    await vi.waitFor(() => expect(backend.count('cancel')).toBe(1));
    await vi.waitFor(() => expect(backend.openConnections).toBe(0));
  });

  test('after the end cancels nothing', async () => {
    const backend = serve({ samples: 100 });
    const session = await connect();
    await readAll(session.speak(sentence()));
    session.close();
    await vi.waitFor(() => expect(backend.openConnections).toBe(0));
    expect(backend.count('cancel')).toBe(0);
  });

  test('speaks no more', async () => {
    serve();
    const session = await connect();
    session.close();
    expect((await faultOf(session.speak(sentence()).accepted)).code).toBe('cancelled');
  });
});

describe('a fault of the backend', () => {
  test('comes with its code and its patience', async () => {
    serve({ fault: { row: 0, afterSamples: 0, code: 'busy', retryAfterMs: 700 } });
    const session = await connect();
    const fault = await faultOf(session.speak(sentence()).accepted);
    expect([fault.code, fault.retryAfterMs]).toEqual(['busy', 700]);
    session.close();
  });

  test('after audio reaches the reader in its place', async () => {
    serve({ samples: 24_000, fault: { row: 0, afterSamples: 4_800, code: 'backend_failed' } });
    const session = await connect();
    const spoken = session.speak(sentence());
    await spoken.accepted;
    expect((await faultOf(readAll(spoken))).code).toBe('backend_failed');
    expect((await faultOf(spoken.finished)).code).toBe('backend_failed');
    session.close();
  });

  test('of the whole socket ends every sentence', async () => {
    serveScript(
      HELLO_TEXT,
      '{"type":"fault","request":null,"code":"draining","message":"Going away."}',
    );
    const session = await connect();
    const [first, second] = [session.speak(sentence()), session.speak(sentence())];
    expect((await faultOf(first.accepted)).code).toBe('draining');
    expect((await faultOf(second.accepted)).code).toBe('draining');
  });

  test('a dropped line is not an end', async () => {
    serve({ samples: 24_000, dropAfterSamples: 4_800 });
    const session = await connect();
    const fault = await faultOf(readAll(session.speak(sentence())));
    expect([fault.code, fault.message]).toEqual([
      'backend_failed',
      'The connection to the backend was lost.',
    ]);
  });
});

const audio = (sequence: number, sampleOffset: number, bytes: number): Uint8Array<ArrayBuffer> =>
  encodeAudioMessage({
    kind: 0,
    request: 0,
    sequence,
    sampleOffset,
    payload: new Uint8Array(bytes),
  });
const DONE =
  '{"type":"done","request":0,"samples":10,"report":{"queueMs":0,"firstAudioMs":0,"totalMs":0,"semantic":{"ms":0,"steps":0},"coarse":{"ms":0,"steps":0},"fine":{"ms":0,"steps":0},"codec":{"ms":0,"steps":0}}}';

describe('what makes no sense is a failure of the backend, never a shorter text', () => {
  test.each<[string, (string | Uint8Array<ArrayBuffer>)[]]>([
    ['audio before it accepted', [audio(0, 0, 20)]],
    ['samples left out', [ACCEPTED, audio(0, 0, 20), audio(1, 11, 20)]],
    ['audio twice', [ACCEPTED, audio(0, 0, 20), audio(0, 10, 20)]],
    ['half a sample', [ACCEPTED, audio(0, 0, 3)]],
    ['an end too early', [ACCEPTED, audio(0, 0, 10), DONE]],
    ['an end before it accepted', [DONE]],
    ['no JSON', ['hello?']],
    ['a message with a wrong field', ['{"type":"accepted","request":-1}']],
    ['a binary message cut short', [Uint8Array.of(1, 0, 0)]],
  ])('%s', async (_, answers) => {
    serveScript(HELLO_TEXT, ...answers);
    const session = await connect();
    const fault = await faultOf(readAll(session.speak(sentence())));
    expect(fault.code).toBe('backend_failed');
  });

  test('types, kinds and requests of the future are passed over', async () => {
    const codes = encodeAudioMessage({
      kind: 1,
      request: 0,
      sequence: 9,
      sampleOffset: 99,
      payload: new Uint8Array(3),
    });
    const stranger = encodeAudioMessage({
      kind: 0,
      request: 77,
      sequence: 0,
      sampleOffset: 0,
      payload: new Uint8Array(2),
    });
    serveScript(
      HELLO_TEXT,
      '{"type":"confetti"}',
      Uint8Array.of(9, 9),
      ACCEPTED,
      codes,
      stranger,
      '{"type":"drain","withinMs":1000}',
      audio(0, 0, 20),
      DONE,
    );
    const session = await connect();
    expect(await readAll(session.speak(sentence()))).toHaveLength(10);
    session.close();
  });
});

describe('the hello', () => {
  test.each<[string, string, FaultCode]>([
    ['of another version', HELLO_TEXT.replace('"protocol":1', '"protocol":2'), 'backend_mismatch'],
    ['of another rate', HELLO_TEXT.replace('24000', '48000'), 'backend_mismatch'],
    ['that is none', 'Hi!', 'backend_mismatch'],
    ['that is a fault', '{"type":"fault","request":null,"code":"busy","message":"Full."}', 'busy'],
  ])('%s is refused', async (_, hello, code) => {
    serveScript(hello);
    expect((await faultOf(connect())).code).toBe(code);
  });
});
