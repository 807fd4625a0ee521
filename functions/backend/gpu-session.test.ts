/** The limits of time, on a socket that is an object and a clock that is ours. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ACCEPT_TIMEOUT_MS,
  FIRST_AUDIO_TIMEOUT_MS,
  HELLO_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  PING_INTERVAL_MS,
  REQUEST_TIMEOUT_MS,
} from '#shared/protocol/limits.ts';
import type { BackendSocket, SocketListener } from './backend-socket.ts';
import { GpuSession } from './gpu-session.ts';
import type { SpokenSentence } from './synthesizer.ts';

const HELLO =
  '{"type":"hello","protocol":1,"model":"m","vocabulary":null,"sampleRate":24000,"maxSentenceTokens":256,"latencyModes":["exact"]}';

class ToySocket implements BackendSocket {
  readonly sent: string[] = [];
  listener: SocketListener | undefined;
  closedWith: number | undefined;
  /** Answers pings, as a backend that lives does. */
  isAlive = true;

  send(message: string | Uint8Array): void {
    if (typeof message !== 'string') return;
    this.sent.push(message);
    if (message === '{"type":"ping"}' && this.isAlive) this.say('{"type":"pong"}');
  }

  listen(listener: SocketListener): void {
    this.listener = listener;
  }

  close(code: number): void {
    this.closedWith = code;
  }

  say(text: string): void {
    this.listener?.message(text);
  }
}

async function greeted(): Promise<{ socket: ToySocket; session: GpuSession }> {
  const socket = new ToySocket();
  const opening = GpuSession.open(socket, new AbortController().signal);
  socket.say(HELLO);
  return { socket, session: await opening };
}

function speak(session: GpuSession): SpokenSentence {
  return session.speak({
    ids: Int32Array.of(1),
    voice: null,
    options: {},
    latency: 'exact',
    seed: 0,
    row: 0,
    codes: null,
    key: 'a key',
  });
}

const timeout = expect.objectContaining({ code: 'timeout' });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('every wait has an end', () => {
  test('for the hello', async () => {
    const socket = new ToySocket();
    const opening = GpuSession.open(socket, new AbortController().signal);
    const outcome = expect(opening).rejects.toEqual(timeout);
    await vi.advanceTimersByTimeAsync(HELLO_TIMEOUT_MS);
    await outcome;
    expect(socket.closedWith).toBe(4000);
  });

  test('for the sentence to be accepted, and the backend is told', async () => {
    const { socket, session } = await greeted();
    const spoken = speak(session);
    const outcome = expect(spoken.accepted).rejects.toEqual(timeout);
    await vi.advanceTimersByTimeAsync(ACCEPT_TIMEOUT_MS);
    await outcome;
    expect(socket.sent.at(-1)).toBe('{"type":"cancel","request":0}');
    expect(socket.closedWith).toBeUndefined();
  });

  test('for the first sound', async () => {
    const { socket, session } = await greeted();
    const spoken = speak(session);
    socket.say('{"type":"accepted","request":0}');
    const outcome = expect(spoken.read()).rejects.toEqual(timeout);
    await vi.advanceTimersByTimeAsync(FIRST_AUDIO_TIMEOUT_MS);
    await outcome;
  });

  test('from one progress to the next', async () => {
    const { socket, session } = await greeted();
    const spoken = speak(session);
    socket.say('{"type":"accepted","request":0}');
    const outcome = expect(spoken.read()).rejects.toEqual(timeout);
    await vi.advanceTimersByTimeAsync(FIRST_AUDIO_TIMEOUT_MS - 1);
    socket.say('{"type":"progress","request":0,"stage":"semantic","step":1}');
    await vi.advanceTimersByTimeAsync(FIRST_AUDIO_TIMEOUT_MS - 1);
    expect(session.info).toBeDefined();
    await vi.advanceTimersByTimeAsync(1);
    await outcome;
  });

  test('for the last', async () => {
    const { socket, session } = await greeted();
    const spoken = speak(session);
    socket.say('{"type":"accepted","request":0}');
    const audio = new Uint8Array(18);
    audio[0] = 1;
    socket.listener?.message(audio);
    expect(await spoken.read()).toHaveLength(1);
    const outcome = expect(spoken.read()).rejects.toEqual(timeout);
    await vi.advanceTimersByTimeAsync(REQUEST_TIMEOUT_MS);
    await outcome;
  });

  test('for a backend that has fallen silent', async () => {
    const { socket, session } = await greeted();
    socket.isAlive = false;
    const spoken = speak(session);
    socket.say('{"type":"accepted","request":0}');
    const outcome = expect(spoken.read()).rejects.toEqual(timeout);
    await vi.advanceTimersByTimeAsync(IDLE_TIMEOUT_MS);
    await outcome;
    expect(socket.closedWith).toBe(4000);
  });
});

test('a backend that answers pings may think for minutes', async () => {
  const { socket, session } = await greeted();
  const spoken = speak(session);
  socket.say('{"type":"accepted","request":0}');
  await vi.advanceTimersByTimeAsync(FIRST_AUDIO_TIMEOUT_MS - 1);
  expect(socket.sent.filter((text) => text.includes('ping')).length).toBe(
    Math.floor((FIRST_AUDIO_TIMEOUT_MS - 1) / PING_INTERVAL_MS),
  );
  expect(socket.closedWith).toBeUndefined();
  session.close();
  await expect(spoken.finished).rejects.toEqual(expect.objectContaining({ code: 'cancelled' }));
});

test('a line that closes before the hello is a backend that is not there', async () => {
  const socket = new ToySocket();
  const opening = GpuSession.open(socket, new AbortController().signal);
  socket.listener?.closed(1006);
  await expect(opening).rejects.toEqual(expect.objectContaining({ code: 'backend_unavailable' }));
});

test('a ping is answered', async () => {
  const { socket } = await greeted();
  socket.say('{"type":"ping"}');
  expect(socket.sent).toContain('{"type":"pong"}');
});

test('nothing ticks on after the end', async () => {
  const { session } = await greeted();
  speak(session);
  session.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a socket that can not send any more has ended', async () => {
  const { socket, session } = await greeted();
  socket.send = () => {
    throw new TypeError('closed');
  };
  await expect(speak(session).accepted).rejects.toEqual(
    expect.objectContaining({ code: 'backend_failed' }),
  );
});
