import { describe, expect, test, vi } from 'vitest';
import { SAMPLE_RATE } from '#shared/bark/constants.ts';
import { loadAudioLibrary } from '../../tests/workers/audio-libraries.ts';
import { makeEdge } from '../../tests/workers/edge.ts';
import { fixtureFiles } from '../../tests/workers/fixture-checkpoint.ts';
import { CREDIT_WINDOW_SAMPLES } from '../backend/credit-window.ts';
import { AudioEncoders } from '../formats/encoders.ts';
import { SENTENCE_PAUSE_MS } from '../speech/joiners.ts';

const PAUSE_BYTES = (2 * SAMPLE_RATE * SENTENCE_PAUSE_MS) / 1_000;

interface ErrorAnswer {
  error: { message: string; type: string; param: string | null; code: string };
}

async function errorOf(response: Response): Promise<ErrorAnswer['error']> {
  return ((await response.json()) as ErrorAnswer).error;
}

describe('faults before the first byte keep their status', () => {
  test.each([
    ['busy', 503, 'true', '2'],
    ['backend_failed', 502, 'true', '2'],
    ['backend_mismatch', 503, 'false', '2'],
  ])('%s', async (code, status, retry, after) => {
    const edge = makeEdge({
      backend: { fault: { row: 0, afterSamples: 0, code, retryAfterMs: 1_500 } },
    });
    const response = await edge.speak({ input: 'Hello.' });
    expect(response.status).toBe(status);
    expect(response.headers.get('X-Should-Retry')).toBe(retry);
    expect(response.headers.get('Retry-After')).toBe(after);
    expect((await errorOf(response)).type).toBe('server_error');
    await vi.waitFor(() => expect(edge.backend.openConnections).toBe(0));
  });

  test('a mismatch makes the edge read again what is staged', async () => {
    let reads = 0;
    const edge = makeEdge({
      backend: { hello: { model: 'bark-large', vocabulary: null } },
      files: {
        read: (path) => {
          if (path.endsWith('manifest.json')) reads += 1;
          return fixtureFiles.read(path);
        },
      },
    });
    for (let i = 0; i < 2; i += 1) {
      expect((await edge.speak({ input: 'Hello.' })).status).toBe(503);
    }
    expect(reads).toBe(2);
  });
});

describe('a failure after the first byte breaks the stream', () => {
  test('in the first sentence', async () => {
    const edge = makeEdge({
      backend: { samples: 24_000, fault: { row: 0, afterSamples: 4_800, code: 'backend_failed' } },
    });
    const response = await edge.speak({ input: 'Hello.' });
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(edge.log.at(-1)).toMatchObject({ status: 200, fault: 'backend_failed' });
  });

  test('but a busy backend is waited for', async () => {
    const edge = makeEdge({
      backend: {
        samples: 100,
        fault: { row: 1, afterSamples: 0, code: 'busy', retryAfterMs: 1, times: 2 },
      },
    });
    const input = 'The voice says hello to the wide world. '.repeat(12);
    const response = await edge.speak({ input, response_format: 'pcm' });
    const { byteLength } = await response.arrayBuffer();
    const rows = new Set(edge.backend.speaks.map(({ row }) => row)).size;
    expect(rows).toBeGreaterThan(1);
    expect(edge.backend.speaks.length).toBe(rows + 2);
    expect(byteLength).toBe(rows * 200 + (rows - 1) * PAUSE_BYTES);
  });
});

describe('an encoder that fails', () => {
  const failingAt = (place: 'open' | 'begin' | 'write' | 'end'): AudioEncoders => {
    const encoders = new AudioEncoders(loadAudioLibrary);
    const fail = (at: string): Uint8Array => {
      if (at === place) throw new RangeError('An audio library found no memory.');
      return new Uint8Array(1);
    };
    vi.spyOn(encoders, 'prepare').mockResolvedValue(() => {
      fail('open');
      return {
        begin: () => fail('begin'),
        write: () => fail('write'),
        keepAlive: () => new Uint8Array(1),
        end: () => fail('end'),
        close: () => undefined,
      };
    });
    return encoders;
  };

  test.each(['open', 'begin', 'write', 'end'] as const)(
    'at %s breaks the stream, ends the session, and is logged as what it is',
    async (place) => {
      const edge = makeEdge({ encoders: failingAt(place), backend: { samples: 24_000 } });
      const response = await edge.speak({ input: 'Hello.' });
      await expect(response.arrayBuffer()).rejects.toThrow();
      await vi.waitFor(() => expect(edge.backend.openConnections).toBe(0));
      expect(edge.log.at(-1)).toMatchObject({
        fault: 'internal',
        cause: expect.stringContaining('RangeError') as unknown,
      });
    },
  );

  test('at open ends an event stream with the error', async () => {
    const edge = makeEdge({ encoders: failingAt('open'), backend: { samples: 24_000 } });
    const response = await edge.speak({ input: 'Hello.', stream_format: 'sse' });
    expect(await response.text()).toContain('"code":"internal"');
    await vi.waitFor(() => expect(edge.backend.openConnections).toBe(0));
    expect(edge.log.at(-1)).toMatchObject({ fault: 'internal' });
  });
});

describe('a slow reader', () => {
  test('holds the backend at one window, and the next sentence back', async () => {
    const edge = makeEdge({ backend: { samples: 4 * CREDIT_WINDOW_SAMPLES } });
    const input = 'The voice says hello to the wide world. '.repeat(12);
    const response = await edge.speak({ input, response_format: 'pcm' });
    const reader = response.body?.getReader();
    await reader?.read();
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    // the window, and what the response's own buffer has already read
    expect(edge.backend.samplesSent).toBeLessThanOrEqual(2 * CREDIT_WINDOW_SAMPLES);
    expect(edge.backend.speaks).toHaveLength(1);
    await reader?.cancel();
  });
});

describe('a reader that leaves', () => {
  test.each([0, 1, 3])('after %i reads stops the backend', async (reads) => {
    const edge = makeEdge({ backend: { samples: 24_000_000, intervalMs: 2 } });
    const response = await edge.speak({ input: 'Hello.', response_format: 'pcm' });
    const reader = response.body?.getReader();
    for (let i = 0; i < reads; i += 1) await reader?.read();
    await reader?.cancel();
    await vi.waitFor(() => expect(edge.backend.openConnections).toBe(0));
    expect(edge.backend.count('cancel')).toBe(1);
    await vi.waitFor(() => expect(edge.log.at(-1)).toMatchObject({ fault: 'cancelled' }));
  });

  test('by its signal stops the backend too', async () => {
    const edge = makeEdge({ backend: { samples: 24_000_000, intervalMs: 2 } });
    const leave = new AbortController();
    const response = await edge.speak({ input: 'Hello.' }, { signal: leave.signal });
    leave.abort();
    await expect(response.arrayBuffer()).rejects.toThrow();
    await vi.waitFor(() => expect(edge.backend.count('cancel')).toBe(1));
    expect(edge.backend.openConnections).toBe(0);
  });
});
