import { env, exports } from 'cloudflare:workers';
import { describe, expect, test, vi } from 'vitest';
import { bucketStore } from './sentence-store.ts';
import type { TakeLedger } from './take-ledger.ts';

const edge = (exports as { default: Fetcher }).default;
const { TAKES, TAKE_LEDGER } = env as unknown as {
  TAKES: R2Bucket;
  TAKE_LEDGER: DurableObjectNamespace<TakeLedger>;
};

async function speak(input: string): Promise<Response> {
  return edge.fetch('http://127.0.0.1/v1/audio/speech', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ input, response_format: 'pcm' }),
  });
}

const report = {
  queueMs: 1,
  firstAudioMs: 1,
  totalMs: 1,
  semantic: { ms: 1, steps: 2 },
  coarse: { ms: 1, steps: 2 },
  fine: { ms: 1, steps: 2 },
  codec: { ms: 1, steps: 2 },
};

describe('takes in a bucket and rooms', () => {
  test('the second asking is a hit, with the same bytes', async () => {
    const first = await speak('Hello world, once.');
    expect(first.headers.get('X-Cache')).toBe('MISS');
    const spoken = await first.bytes();
    const second = await speak('Hello world, once.');
    expect(second.headers.get('X-Cache')).toBe('HIT');
    expect(await second.bytes()).toEqual(spoken);
  });

  test('a take is known by its id, and heard again in another format', async () => {
    const spoken = await speak('Hello world, to be remembered.');
    const id = spoken.headers.get('X-Take-Id') ?? '';
    const bytes = await spoken.bytes();
    await vi.waitFor(async () => {
      const known = await edge.fetch(`http://127.0.0.1/v1/takes/${id}`);
      expect(await known.json()).toMatchObject({ id, samples: 48_000, sentences: 1 });
    });
    const audio = `http://127.0.0.1/v1/takes/${id}/audio`;
    // at once, though its sentence may still be on its way into the bucket
    const again = await edge.fetch(`${audio}?response_format=pcm`);
    expect(await again.bytes()).toEqual(bytes);
    const mp3 = await edge.fetch(audio);
    expect(mp3.headers.get('Content-Type')).toBe('audio/mpeg');
    await mp3.bytes();
    const unknown = await edge.fetch('http://127.0.0.1/v1/takes/take_0/audio');
    expect(unknown.status).toBe(404);
    await unknown.text();
  });

  test('those who ask at once all hear the whole', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => speak('Hello, all.')));
    const all = await Promise.all(answers.map((answer) => answer.bytes()));
    for (const bytes of all) expect(bytes).toEqual(all[0]);
    expect(all[0]?.byteLength).toBe(96_000);
  });

  test('a reader that leaves leaves the others alone', async () => {
    const [leaving, staying] = await Promise.all([
      speak('Hello, you two.'),
      speak('Hello, you two.'),
    ]);
    await leaving?.body?.cancel();
    expect((await staying?.bytes())?.byteLength).toBe(96_000);
  });

  test('the bucket stays within its size, the oldest go first, and nothing outlives its age', async () => {
    let nowMs = Date.now();
    const store = bucketStore({
      bucket: TAKES,
      ledgers: TAKE_LEDGER,
      maxAgeMs: 60_000,
      // beside what the other tests have kept
      maxBytes: 300_000,
      now: () => nowMs,
    });
    for (const key of ['a', 'b', 'c', 'd']) {
      await store.put(key, [new Int16Array(50_000)], report);
    }
    const kept = await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.find(key)));
    expect(kept.map((facts) => facts?.samples ?? null)).toEqual([null, 50_000, 50_000, 50_000]);
    expect((await store.get('d'))?.report).toEqual(report);
    nowMs += 61_000;
    expect(await store.get('d')).toBeNull();
    expect(await store.find('d')).toBeNull();
  });
});
