import { encodeVoice, hashVoice, voiceFromPrompts } from '#shared/bark/voice.ts';
import {
  CREDIT_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  MAX_AUDIO_MESSAGE_SAMPLES,
  MAX_BINARY_BYTES,
  MAX_JSON_BYTES,
  MAX_REQUESTS_PER_SOCKET,
  PING_INTERVAL_MS,
  REQUEST_TIMEOUT_MS,
  VOICE_TIMEOUT_MS,
} from '#shared/protocol/limits.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../tests/support/fake-clock.ts';
import { ProtocolClient, type Heard } from '../../tests/support/protocol-client.ts';
import { SineSynthesizer, type SineOptions } from '../../tests/support/sine-synthesizer.ts';
import type { Facts } from './log.ts';
import { PROGRESS_INTERVAL_MS } from './open-request.ts';
import { encodePcm } from './pcm.ts';
import { createSpeechServer, type SpeechServer } from './server.ts';

const PLENTY = 24_000 * 60;

const servers: SpeechServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Logged extends Facts {
  readonly event: string;
}

async function start({
  queueCapacity = 8,
  ...options
}: SineOptions & { queueCapacity?: number } = {}) {
  const clock = new FakeClock();
  const synthesizer = new SineSynthesizer(options);
  const logged: Logged[] = [];
  const watchers: (() => void)[] = [];
  const server = createSpeechServer({
    synthesizer,
    clock,
    config: { host: '127.0.0.1', port: 0, token: null, queueCapacity, drainMs: 1_000 },
    log: (event, facts = {}) => {
      logged.push({ event, ...facts });
      for (const wake of watchers.splice(0)) wake();
    },
  });
  servers.push(server);
  const { url } = await server.listen();
  /** The line about this event, once it was written. */
  const line = async (event: string): Promise<Logged> => {
    for (;;) {
      const found = logged.find((entry) => entry.event === event);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => watchers.push(resolve));
    }
  };
  return { clock, synthesizer, url, logged, line };
}

function audioOf(messages: readonly Heard[]) {
  return messages.filter((message) => message.type === 'audio');
}

function pcmOf(messages: readonly Heard[]): Buffer {
  return Buffer.concat(audioOf(messages).map(({ payload }) => payload));
}

function samplesOf(messages: readonly Heard[]): number {
  return pcmOf(messages).byteLength / 2;
}

async function makeVoice(seed = 1) {
  const frames = 3;
  const bytes = encodeVoice(
    voiceFromPrompts({
      semantic_prompt: { shape: [2], data: [seed, seed + 1] },
      coarse_prompt: { shape: [2, frames], data: Array.from({ length: 2 * frames }, () => seed) },
      fine_prompt: { shape: [8, frames], data: Array.from({ length: 8 * frames }, () => seed) },
    }),
  );
  return { bytes, hash: await hashVoice(bytes) };
}

describe('it flows', () => {
  test('the hello names what decides the sound, where that is known', async () => {
    const fingerprint = 'a0'.repeat(32);
    const known = await start({ info: { fingerprint } });
    expect((await ProtocolClient.connect(known.url)).hello).toMatchObject({ fingerprint });
    const unknown = await start();
    expect((await ProtocolClient.connect(unknown.url)).hello).not.toHaveProperty('fingerprint');
  });

  test('a sentence arrives sample for sample, in order, and is closed by its report', async () => {
    const { url, synthesizer } = await start({ samples: 30_001, pieceSamples: 14_000 });
    const client = await ProtocolClient.connect(url);
    expect(client.hello).toMatchObject({
      protocol: 1,
      model: 'sine',
      sampleRate: 24_000,
      maxSentenceTokens: 256,
    });
    client.speak(7, { ids: [5, 6, 7], mask: [1, 1, 0], seed: 11, row: 2, latency: 'fast' });
    client.credit(7, PLENTY);
    expect(await client.next('accepted')).toEqual({
      type: 'accepted',
      request: 7,
      position: 0,
    });
    const messages = await client.through(7);

    expect(pcmOf(messages).equals(encodePcm(synthesizer.sentence()))).toBe(true);
    const audio = audioOf(messages);
    expect(audio.map(({ sequence }) => sequence)).toEqual(audio.map((_, i) => i));
    let offset = 0;
    for (const { sampleOffset, payload } of audio) {
      expect(sampleOffset).toBe(offset);
      expect(payload.byteLength / 2).toBeLessThanOrEqual(MAX_AUDIO_MESSAGE_SAMPLES);
      offset += payload.byteLength / 2;
    }
    expect(messages.at(-1)).toMatchObject({ type: 'done', samples: 30_001 });
    expect(synthesizer.requests[0]).toMatchObject({
      text: { ids: Int32Array.of(5, 6, 7), mask: Uint8Array.of(1, 1, 0) },
      voice: null,
      seed: 11,
      row: 2,
      latency: 'fast',
    });
  });

  test('two requests of one socket are spoken one after the other', async () => {
    const { url, synthesizer } = await start();
    const client = await ProtocolClient.connect(url);
    client.speak(1);
    client.speak(2);
    client.credit(2, PLENTY);
    client.credit(1, PLENTY);
    const first = await client.through(1);
    const second = await client.through(2);
    expect([samplesOf(first), samplesOf(second)]).toEqual([24_000, 24_000]);
    expect(synthesizer.mostSpeaking).toBe(1);
  });

  test('progress is told no more often than agreed', async () => {
    const { url, clock, synthesizer } = await start({ steps: 50 });
    const client = await ProtocolClient.connect(url);
    const first = synthesizer.hold('semantic', 25);
    const second = synthesizer.hold('coarse', 10);
    client.speak(1);
    client.credit(1, PLENTY);
    await first.reached;
    clock.advance(PROGRESS_INTERVAL_MS);
    first.release();
    await second.reached;
    second.release();
    const progress = (await client.through(1)).filter(({ type }) => type === 'progress');
    expect(progress).toEqual([
      { type: 'progress', request: 1, stage: 'semantic', step: 1 },
      { type: 'progress', request: 1, stage: 'semantic', step: 25 },
    ]);
  });

  test('the time in the queue is in the report, and nothing that was said in the log', async () => {
    const { url, clock, synthesizer, line } = await start();
    const held = synthesizer.hold('semantic', 1);
    const client = await ProtocolClient.connect(url);
    client.speak(1, { ids: [47_111] });
    client.credit(1, PLENTY);
    client.speak(2, { ids: [47_112] });
    client.credit(2, PLENTY);
    await held.reached;
    await client.saidByNow();
    clock.advance(1_500);
    held.release();
    expect(await client.until('done', 2)).toMatchObject({ report: { queueMs: 1_500 } });
    const spoken = await line('spoken');
    expect(spoken).toMatchObject({ socket: 1, request: 1, tokens: 1, samples: 24_000 });
    expect(JSON.stringify(spoken)).not.toContain('4711');
  });

  test('a fault of the engine closes the request, keeps its words to the log, and spares the next', async () => {
    const { url, synthesizer, line } = await start();
    const client = await ProtocolClient.connect(url);
    synthesizer.failWith(new RangeError('the words that were said'));
    client.speak(1);
    const fault = await client.until('fault');
    expect(fault).toMatchObject({ request: 1, code: 'internal' });
    expect(fault.message).not.toContain('words');
    const failed = await line('failed');
    expect(failed).toMatchObject({ code: 'internal', stage: 'semantic' });
    expect(failed['cause']).toMatch(/^RangeError < at /);
    expect(JSON.stringify(failed)).not.toContain('words');
    client.speak(1);
    client.credit(1, PLENTY);
    expect(samplesOf(await client.through(1))).toBe(24_000);
  });
});

describe('it waits', () => {
  test('without credit no audio leaves and the engine is not pulled', async () => {
    const { url, synthesizer } = await start({ samples: 60_000, pieceSamples: 6_000 });
    const client = await ProtocolClient.connect(url);
    client.speak(1);
    await synthesizer.until(({ pulledPieces }) => pulledPieces === 1);
    expect(audioOf(await client.saidByNow())).toEqual([]);
    client.credit(1, 1_000);
    expect((await client.until('audio')).payload.byteLength).toBe(2_000);
    expect(audioOf(await client.saidByNow())).toEqual([]);
    expect(synthesizer.pulledPieces).toBe(1);
    client.credit(1, 5_001);
    expect((await client.until('audio')).payload.byteLength).toBe(10_000);
    expect((await client.until('audio')).payload.byteLength).toBe(2);
    expect(audioOf(await client.saidByNow())).toEqual([]);
    expect(synthesizer.pulledPieces).toBe(2);
    client.credit(1, PLENTY);
    expect(await client.until('done')).toMatchObject({ samples: 60_000 });
  });

  test('a reader without credit holds its own sentence, not the engine', async () => {
    const { url, synthesizer } = await start({ samples: 60_000, pieceSamples: 6_000 });
    const slow = await ProtocolClient.connect(url);
    slow.speak(1);
    slow.credit(1, 1_000);
    await slow.until('audio');
    const other = await ProtocolClient.connect(url);
    other.speak(1);
    other.credit(1, PLENTY);
    expect(samplesOf(await other.through(1))).toBe(60_000);
    expect(synthesizer.pulledPieces).toBe(1 + 10);
    slow.credit(1, PLENTY);
    expect(await slow.until('done')).toMatchObject({ samples: 60_000 });
  });

  test('a voice of another checkpoint is refused before it is accepted', async () => {
    const { url } = await start({ info: { semanticVocabularySize: 2 } });
    const client = await ProtocolClient.connect(url);
    const voice = await makeVoice();
    client.speak(1, { voice: voice.hash });
    await client.next('voice-needed');
    client.sendVoice(1, voice.bytes);
    const fault = await client.next('fault');
    expect(fault).toMatchObject({ request: 1, code: 'invalid_request' });
    expect(fault.message).toContain('another checkpoint');
  });

  test('credit may come before the voice and the turn', async () => {
    const { url } = await start();
    const client = await ProtocolClient.connect(url);
    const voice = await makeVoice();
    client.speak(1, { voice: voice.hash });
    client.credit(1, PLENTY);
    await client.next('voice-needed');
    client.sendVoice(1, voice.bytes);
    expect(await client.until('done')).toMatchObject({ samples: 24_000 });
  });

  test('a full queue answers busy with place and time, and a free place is taken again', async () => {
    const { url, synthesizer } = await start({ queueCapacity: 1 });
    const held = synthesizer.hold('semantic', 1);
    const client = await ProtocolClient.connect(url);
    const other = await ProtocolClient.connect(url);
    client.speak(1);
    await client.next('accepted');
    client.speak(2);
    await client.next('accepted');
    other.speak(1);
    const fault = await other.next('fault');
    expect(fault).toMatchObject({ request: 1, code: 'busy', retryAfterMs: 5_000, position: 2 });
    expect(fault.message).toContain('number 2');
    client.send({ type: 'cancel', request: 2 });
    await client.until('fault', 2);
    other.speak(2);
    await other.next('accepted');
    held.release();
  });

  test('callers take turns, on however many sockets one of them comes', async () => {
    const { url, synthesizer } = await start();
    const held = synthesizer.hold('semantic', 1);
    const sockets = await Promise.all(Array.from({ length: 4 }, () => ProtocolClient.connect(url)));
    const [first, second, third, other] = sockets;
    for (const [seed, socket] of [first, second, third].entries()) {
      socket?.speak(1, { caller: 'many', seed });
      socket?.credit(1, PLENTY);
      await socket?.next('accepted');
    }
    other?.speak(1, { caller: 'one', seed: 3 });
    other?.credit(1, PLENTY);
    // one of the caller `many` is before it, not two
    expect(await other?.next('accepted')).toMatchObject({ position: 2 });
    held.release();
    await Promise.all(sockets.map((socket) => socket.through(1)));
    expect(synthesizer.requests.map(({ seed }) => seed)).toEqual([0, 1, 3, 2]);
  });

  test('a text that is being heard goes on before another begins, and is not refused', async () => {
    const { url, synthesizer } = await start({ queueCapacity: 1, samples: 2_400 });
    const client = await ProtocolClient.connect(url);
    client.speak(1, { seed: 1, id: 'text' });
    client.credit(1, PLENTY);
    await client.through(1);
    const other = await ProtocolClient.connect(url);
    const held = synthesizer.hold('semantic', 1);
    other.speak(1, { seed: 2 });
    await held.reached;
    other.speak(2, { seed: 3 });
    await other.until('accepted', 2);
    // on a socket of its own, as the sentences of one text may come
    const next = await ProtocolClient.connect(url);
    next.speak(2, { seed: 4, row: 1, id: 'text' });
    next.credit(2, PLENTY);
    expect(await next.next('accepted')).toMatchObject({ position: 2 });
    const unheard = await ProtocolClient.connect(url);
    unheard.speak(1, { seed: 5, row: 1, id: 'other-text' });
    expect(await unheard.next('fault')).toMatchObject({ code: 'busy' });
    other.credit(1, PLENTY);
    held.release();
    await next.through(2);
    expect(synthesizer.requests.map(({ seed }) => seed).slice(0, 3)).toEqual([1, 2, 4]);
  });

  test('a listener without patience is told at once that the first sound comes too late', async () => {
    const { url, synthesizer, clock } = await start();
    const client = await ProtocolClient.connect(url);
    const slow = synthesizer.hold('coarse', 1);
    client.speak(1);
    client.credit(1, PLENTY);
    await slow.reached;
    clock.advance(3_000);
    slow.release();
    await client.through(1);
    const held = synthesizer.hold('semantic', 1);
    const other = await ProtocolClient.connect(url);
    other.speak(1);
    await held.reached;
    other.speak(2, { patienceMs: 1_000 });
    // a turn is thought to last 0.7 * 5 + 0.3 * 3 s, its first sound comes after 3 s
    expect(await other.until('fault', 2)).toMatchObject({
      code: 'busy',
      position: 1,
      retryAfterMs: 6_400,
    });
    other.speak(3, { patienceMs: 7_400 });
    await other.until('accepted', 3);
    held.release();
  });

  test('a socket has only so many requests', async () => {
    const { url, synthesizer } = await start({ queueCapacity: 100 });
    const held = synthesizer.hold('semantic', 1);
    const client = await ProtocolClient.connect(url);
    for (let request = 0; request <= MAX_REQUESTS_PER_SOCKET; request += 1) client.speak(request);
    expect(await client.until('fault')).toMatchObject({
      request: MAX_REQUESTS_PER_SOCKET,
      code: 'busy',
    });
    held.release();
  });
});

describe('it stops', () => {
  test('cancel stops the engine within a step and says where', async () => {
    const { url, synthesizer, line } = await start();
    const held = synthesizer.hold('coarse', 3);
    const client = await ProtocolClient.connect(url);
    client.speak(1);
    client.credit(1, PLENTY);
    await held.reached;
    client.send({ type: 'cancel', request: 1 });
    expect(await client.until('fault')).toMatchObject({ request: 1, code: 'cancelled' });
    await synthesizer.until(({ speaking }) => speaking === 0);
    expect(synthesizer.stepsAfterAbort).toBe(0);
    expect(await line('cancelled')).toEqual({
      event: 'cancelled',
      socket: 1,
      request: 1,
      stage: 'coarse',
      step: 2,
      samples: 0,
    });
    client.speak(2);
    client.credit(2, PLENTY);
    expect(samplesOf(await client.through(2))).toBe(24_000);
  });

  test('a killed socket stops what it had running and waiting', async () => {
    const { url, synthesizer } = await start();
    const held = synthesizer.hold('coarse', 3);
    const client = await ProtocolClient.connect(url);
    client.speak(1);
    client.speak(2);
    client.credit(1, PLENTY);
    await held.reached;
    client.socket.terminate();
    await synthesizer.until(({ speaking }) => speaking === 0);
    expect(synthesizer.stepsAfterAbort).toBe(0);
    const other = await ProtocolClient.connect(url);
    other.speak(1);
    other.credit(1, PLENTY);
    expect(samplesOf(await other.through(1))).toBe(24_000);
    expect(synthesizer.requests).toHaveLength(2);
  });

  test('cancel while audio waits for credit frees the engine', async () => {
    const { url, synthesizer, line } = await start();
    const client = await ProtocolClient.connect(url);
    client.speak(1);
    await synthesizer.until(({ pulledPieces }) => pulledPieces === 1);
    client.send({ type: 'cancel', request: 1 });
    await synthesizer.until(({ speaking }) => speaking === 0);
    expect(await line('cancelled')).toMatchObject({ stage: 'codec', step: 1, samples: 0 });
  });

  test('nothing follows the fault of a cancelled request', async () => {
    const { url, synthesizer } = await start();
    const client = await ProtocolClient.connect(url);
    client.speak(1);
    client.credit(1, PLENTY);
    await client.until('audio');
    client.send({ type: 'cancel', request: 1 });
    await client.until('fault', 1);
    await synthesizer.until(({ speaking }) => speaking === 0);
    expect(await client.saidByNow()).toEqual([]);
  });

  test('a request without credit is given up after a while', async () => {
    const { url, clock, synthesizer } = await start();
    const client = await ProtocolClient.connect(url);
    client.speak(1);
    await synthesizer.until(({ pulledPieces }) => pulledPieces === 1);
    await client.saidByNow();
    // the peer lives: it answers while the time passes
    for (let passedMs = 0; passedMs < CREDIT_TIMEOUT_MS; passedMs += PING_INTERVAL_MS) {
      await client.saidByNow();
      clock.advance(PING_INTERVAL_MS);
    }
    expect(await client.until('fault')).toMatchObject({ request: 1, code: 'cancelled' });
    await synthesizer.until(({ speaking }) => speaking === 0);
  });

  test('a request that takes too long is given up', async () => {
    const { url, clock, synthesizer } = await start();
    synthesizer.hold('semantic', 2);
    const client = await ProtocolClient.connect(url);
    client.speak(1);
    await synthesizer.until(({ speaking }) => speaking === 1);
    for (let passedMs = 0; passedMs < REQUEST_TIMEOUT_MS; passedMs += PING_INTERVAL_MS) {
      await client.saidByNow();
      clock.advance(PING_INTERVAL_MS);
    }
    expect(await client.until('fault')).toMatchObject({ request: 1, code: 'timeout' });
    await synthesizer.until(({ speaking }) => speaking === 0);
  });
});

describe('voices', () => {
  test('a voice is asked for once, over all requests and sockets', async () => {
    const { url, synthesizer } = await start();
    const { bytes, hash } = await makeVoice();
    const client = await ProtocolClient.connect(url);
    client.speak(1, { voice: hash });
    client.speak(2, { voice: hash });
    expect(await client.next()).toEqual({ type: 'voice-needed', request: 1, voice: hash });
    expect(await client.saidByNow()).toEqual([]);
    client.sendVoice(1, bytes);
    await client.next('accepted');
    await client.until('accepted', 2);
    client.credit(1, PLENTY);
    client.credit(2, PLENTY);
    await client.until('done', 2);

    const other = await ProtocolClient.connect(url);
    other.speak(1, { voice: hash });
    await other.next('accepted');
    expect(synthesizer.requests[0]?.voice?.semanticPrompt).toEqual(Uint16Array.of(1, 2));
  });

  test('when the request that asked goes away, the next that waits asks', async () => {
    const { url } = await start();
    const { bytes, hash } = await makeVoice();
    const client = await ProtocolClient.connect(url);
    client.speak(1, { voice: hash });
    client.speak(2, { voice: hash });
    await client.next('voice-needed');
    client.send({ type: 'cancel', request: 1 });
    await client.next('fault');
    expect(await client.next()).toEqual({ type: 'voice-needed', request: 2, voice: hash });
    client.sendVoice(1, bytes);
    client.sendVoice(2, bytes);
    expect(await client.next('accepted')).toMatchObject({ request: 2 });
  });

  test('another voice than the one asked for is refused', async () => {
    const { url, synthesizer } = await start();
    const asked = await makeVoice(1);
    const sent = await makeVoice(2);
    const client = await ProtocolClient.connect(url);
    client.speak(1, { voice: asked.hash });
    await client.next('voice-needed');
    client.sendVoice(1, sent.bytes);
    const fault = await client.next('fault');
    expect(fault).toMatchObject({ request: 1, code: 'invalid_request' });
    expect(fault.message).toContain('SHA-256');
    expect(synthesizer.requests).toEqual([]);
  });

  test('bytes that have the hash but are no voice are refused', async () => {
    const { url } = await start();
    const { bytes } = await makeVoice();
    const broken = new Uint8Array(bytes.subarray(0, 40));
    const hash = await hashVoice(broken);
    const client = await ProtocolClient.connect(url);
    client.speak(1, { voice: hash });
    await client.next('voice-needed');
    client.sendVoice(1, broken);
    expect(await client.next('fault')).toMatchObject({ code: 'invalid_request' });
  });

  test('a voice that does not come in time is a timeout', async () => {
    const { url, clock } = await start();
    const { hash } = await makeVoice();
    const client = await ProtocolClient.connect(url);
    client.speak(1, { voice: hash });
    await client.next('voice-needed');
    clock.advance(VOICE_TIMEOUT_MS);
    expect(await client.next('fault')).toMatchObject({ request: 1, code: 'timeout' });
  });

  test('a voice that nobody asked for is ignored', async () => {
    const { url } = await start();
    const { bytes } = await makeVoice();
    const client = await ProtocolClient.connect(url);
    client.sendVoice(3, bytes);
    expect(await client.saidByNow()).toEqual([]);
  });
});

describe('messages that are wrong', () => {
  test('one that names its request ends only that', async () => {
    const { url, synthesizer } = await start();
    const held = synthesizer.hold('semantic', 2);
    const client = await ProtocolClient.connect(url);
    client.speak(1);
    client.credit(1, PLENTY);
    await held.reached;
    client.socket.send(JSON.stringify({ type: 'speak', request: 2, ids: 'secret' }));
    const fault = await client.until('fault');
    expect(fault).toMatchObject({ request: 2, code: 'invalid_request' });
    expect(fault.message).toContain('ids');
    expect(fault.message).not.toContain('secret');
    held.release();
    expect(samplesOf(await client.through(1))).toBe(24_000);
  });

  test('a number that is open already ends that request, for both sides', async () => {
    const { url, synthesizer } = await start();
    const held = synthesizer.hold('semantic', 2);
    const client = await ProtocolClient.connect(url);
    client.speak(1);
    await held.reached;
    client.speak(1);
    expect(await client.until('fault')).toMatchObject({ request: 1, code: 'invalid_request' });
    await synthesizer.until(({ speaking }) => speaking === 0);
  });

  test.each([
    ['a sentence too long', { ids: Array.from({ length: 257 }, () => 1) }, 'text_too_long'],
    ['a mask of another length', { mask: [1] }, 'invalid_request'],
    ['an id beyond the vocabulary', { ids: [119_547] }, 'invalid_request'],
    ['an id beyond 31 bits', { ids: [0xffff_ffff] }, 'invalid_request'],
  ])('%s is refused', async (_case, changes, code) => {
    const { url } = await start();
    const client = await ProtocolClient.connect(url);
    client.speak(1, changes);
    expect(await client.next('fault')).toMatchObject({ request: 1, code });
  });

  test('a latency that the engine lacks is refused', async () => {
    const { url } = await start({ info: { latencyModes: ['exact'] } });
    const client = await ProtocolClient.connect(url);
    client.speak(1, { latency: 'fast' });
    expect(await client.next('fault')).toMatchObject({ code: 'invalid_request' });
  });

  test('messages of the future and about unknown requests are ignored', async () => {
    const { url } = await start();
    const client = await ProtocolClient.connect(url);
    client.socket.send('{"type":"sing","request":1}');
    client.socket.send(Uint8Array.of(99, 1, 2, 3));
    client.socket.send(new Uint8Array(0));
    client.credit(44, 100);
    client.send({ type: 'cancel', request: 44 });
    expect(await client.saidByNow()).toEqual([]);
  });

  test.each([
    ['not JSON', '{"type":'],
    ['no object', '[1,2,3]'],
    ['a type that names no request', '{"type":"credit","samples":1}'],
    ['a request that is no number', '{"type":"cancel","request":-1}'],
    ['JSON that is too long', `{"type":"sing","x":"${'y'.repeat(MAX_JSON_BYTES)}"}`],
    ['a voice without its header', Uint8Array.of(2, 0, 0)],
  ])('%s ends the socket with a reason', async (_case, data) => {
    const { url } = await start();
    const client = await ProtocolClient.connect(url);
    const other = await ProtocolClient.connect(url);
    client.socket.send(data);
    expect(await client.next('fault')).toMatchObject({ request: null, code: 'invalid_request' });
    expect((await client.closed).code).toBe(4400);
    expect(await other.saidByNow()).toEqual([]);
  });

  test('a message that is too large ends only its socket', async () => {
    const { url, synthesizer } = await start();
    const held = synthesizer.hold('semantic', 2);
    const client = await ProtocolClient.connect(url);
    const other = await ProtocolClient.connect(url);
    client.speak(1);
    await held.reached;
    client.socket.send(new Uint8Array(MAX_BINARY_BYTES + 1));
    expect((await client.closed).code).toBe(1009);
    await synthesizer.until(({ speaking }) => speaking === 0);
    expect(await other.saidByNow()).toEqual([]);
  });
});

describe('the line', () => {
  test('a silent peer is pinged, and given up when it stays silent', async () => {
    const { url, clock } = await start();
    const client = await ProtocolClient.connect(url);
    for (let pings = 1; pings < IDLE_TIMEOUT_MS / PING_INTERVAL_MS; pings += 1) {
      clock.advance(PING_INTERVAL_MS);
      expect(await client.next()).toEqual({ type: 'ping' });
    }
    clock.advance(PING_INTERVAL_MS);
    expect(await client.next('fault')).toMatchObject({ request: null, code: 'timeout' });
    expect((await client.closed).code).toBe(4504);
  });

  test('an answer to the ping keeps the socket', async () => {
    const { url, clock } = await start();
    const client = await ProtocolClient.connect(url);
    for (let i = 0; i < 10; i += 1) {
      clock.advance(PING_INTERVAL_MS);
      await client.next('ping');
      client.send({ type: 'pong' });
      await client.saidByNow();
    }
  });

  test('no timer is left when a socket has gone', async () => {
    const { url, clock, line } = await start();
    const client = await ProtocolClient.connect(url);
    client.speak(1, { voice: (await makeVoice()).hash });
    await client.next('voice-needed');
    await client.close();
    await line('socket-closed');
    await line('cancelled');
    expect(clock.waiting).toBe(0);
  });
});
