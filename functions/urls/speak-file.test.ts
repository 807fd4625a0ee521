import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { streamedWavHead } from '#shared/audio/wav.ts';
import { loadAudioLibrary } from '../../tests/workers/audio-libraries.ts';
import { FakeBackend } from '../../tests/workers/fake-backend.ts';
import { FIXTURE_MODEL, fixtureFiles } from '../../tests/workers/fixture-checkpoint.ts';
import { loopback } from '../../tests/workers/loopback.ts';
import { gpuSynthesizer } from '../backend/gpu-synthesizer.ts';
import { SILENCE_MS } from '../delivery/silences.ts';
import { AudioEncoders } from '../formats/encoders.ts';
import { StagedCheckpoint } from '../speech/staged-checkpoint.ts';
import { FileBudget } from './file-budget.ts';
import { FileRoom, LINGER_MS } from './file-room.ts';
import type { FileStore } from './file-store.ts';
import { speakFile, type FileOrder } from './speak-file.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const ORDER: FileOrder = {
  order: { text: 'Hello.', voice: undefined, options: {}, latency: undefined, seed: undefined },
  audio: { format: 'wav', sampleRate: 24_000, speed: 1 },
};

function silentRoom(encoders = new AudioEncoders(loadAudioLibrary)): {
  backend: FakeBackend;
  room: FileRoom;
} {
  const backend = new FakeBackend({
    hello: { model: FIXTURE_MODEL, vocabulary: null },
    isSilent: true,
  });
  const services = {
    synthesizer: gpuSynthesizer(loopback(backend)),
    takes: null,
    checkpoint: new StagedCheckpoint(fixtureFiles, () => undefined),
    encoders,
    now: () => 1_000,
  };
  const room = new FileRoom({
    store: {} as FileStore,
    budget: new FileBudget(1_000),
    sizeOf: () => 1_000,
    speak: (_, signal) => speakFile(services, ORDER, signal),
    keepAlive: () => undefined,
  });
  return { backend, room };
}

describe('a file whose encoder can not begin', () => {
  test('breaks off, and stops the backend', async () => {
    const encoders = new AudioEncoders(loadAudioLibrary);
    vi.spyOn(encoders, 'prepare').mockResolvedValue(() => {
      throw new RangeError('An audio library found no memory.');
    });
    const { backend, room } = silentRoom(encoders);
    const answer = await room.audio('id', 'order', null);
    await expect(answer.arrayBuffer()).rejects.toThrow('no memory');
    await vi.waitFor(() => expect(backend.openConnections).toBe(0));
  });
});

describe('a file whose first sound never comes', () => {
  test('is written to each second, so that who has gone is noticed, and then stops the backend', async () => {
    const { backend, room } = silentRoom();
    const { body } = await room.audio('id', 'order', null);
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    let bytes = 0;
    const reading = (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        bytes += value.byteLength;
      }
    })();
    await vi.advanceTimersByTimeAsync(0);
    const headBytes = streamedWavHead(24_000).byteLength;
    expect(bytes).toBe(headBytes);
    await vi.advanceTimersByTimeAsync(3 * SILENCE_MS);
    // a chunk of junk each second
    expect(bytes).toBe(headBytes + 3 * 16);
    await reader.cancel();
    await reading;
    expect(backend.openConnections).toBe(1);
    await vi.advanceTimersByTimeAsync(LINGER_MS);
    await vi.waitFor(() => expect(backend.openConnections).toBe(0));
    expect(backend.count('cancel')).toBe(1);
  });
});
