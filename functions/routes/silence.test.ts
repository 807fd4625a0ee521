/** What goes over a line on which there is nothing to hear yet. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { streamedWavHead } from '#shared/audio/wav.ts';
import { makeEdge, type Edge } from '../../tests/workers/edge.ts';
import { SILENCE_MS } from '../delivery/silences.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The reader of an answer whose first sound never comes, and what it gets in some seconds of silence. */
async function listen(
  edge: Edge,
  body: Record<string, unknown>,
): Promise<{ hear: (seconds: number) => Promise<string>; leave: () => Promise<void> }> {
  const response = await edge.speak({ input: 'Hello.', ...body });
  expect(response.status).toBe(200);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let heard = '';
  const reading = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard += new TextDecoder('latin1').decode(value);
    }
  })();
  return {
    async hear(seconds) {
      await vi.advanceTimersByTimeAsync(seconds * SILENCE_MS);
      return heard;
    },
    async leave() {
      await reader.cancel();
      await reading;
    },
  };
}

const JUNK = `JUNK\u0008${'\0'.repeat(11)}`;

describe('until the first sound', () => {
  test('a wav gets a chunk of junk every second', async () => {
    const edge = makeEdge({ backend: { isSilent: true } });
    const { hear, leave } = await listen(edge, { response_format: 'wav' });
    const headBytes = streamedWavHead(24_000).byteLength;
    expect(await hear(0)).toHaveLength(headBytes);
    expect((await hear(1)).slice(headBytes)).toBe(JUNK);
    expect((await hear(2)).slice(headBytes)).toBe(JUNK.repeat(3));
    await leave();
    await vi.waitFor(() => expect(edge.backend.openConnections).toBe(0));
    expect(edge.log).toEqual([expect.objectContaining({ fault: 'cancelled', samples: 0 })]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('events get a comment every second', async () => {
    const edge = makeEdge({ backend: { isSilent: true } });
    const { hear, leave } = await listen(edge, { stream_format: 'sse' });
    const first = await hear(0);
    expect(first).toMatch(/^data: .*\n\n$/);
    expect((await hear(2)).slice(first.length)).toBe(': waiting\n\n: waiting\n\n');
    await leave();
  });

  test('pcm gets nothing, as there is nothing that is not heard', async () => {
    const edge = makeEdge({ backend: { isSilent: true } });
    const { hear, leave } = await listen(edge, { response_format: 'pcm' });
    expect(await hear(30)).toBe('');
    await leave();
  });
});

test.each(['wav', 'pcm'])(
  'between two sounds a %s goes on, a sample a second, and is the same in the end',
  async (format) => {
    const backend = { samples: 4_800, messageSamples: 2_400 };
    const quick = makeEdge({ backend });
    const body = { input: 'Hello.', response_format: format };
    const whole = new TextDecoder('latin1').decode(await (await quick.speak(body)).arrayBuffer());
    const edge = makeEdge({ backend: { ...backend, intervalMs: 5 * SILENCE_MS } });
    const { hear, leave } = await listen(edge, body);
    const early = await hear(0);
    expect((await hear(4)).length - early.length).toBe(8);
    expect(await hear(20)).toBe(whole);
    await leave();
  },
);
