import { describe, expect, test, vi } from 'vitest';
import { makeEdge, type Edge } from '../../tests/workers/edge.ts';
import { FIXTURE_MODEL } from '../../tests/workers/fixture-checkpoint.ts';
import { memoryTakes, type MemoryTakes } from '../../tests/workers/memory-sentences.ts';
import { RecordingBudget } from './recording-budget.ts';
import type { TakeRecord } from './take-store.ts';

function edgeWithTakes(samples = 3_000, budget?: RecordingBudget): Edge & MemoryTakes {
  const memory = memoryTakes(budget);
  return { ...makeEdge({ takes: memory.takes, backend: { samples } }), ...memory };
}

const OPENING = 'The voice says hello to the world, and the world says hello to the voice.';
const ENDING = 'The world is wide, and the voice is in the world and says so to the wide world.';
const TWO = { input: `${OPENING} ${ENDING}`, response_format: 'pcm' };

async function bytesOf(response: Response): Promise<Uint8Array> {
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
}

describe('what was spoken once', () => {
  test('is played again without a backend, byte for byte, under the same id', async () => {
    const edge = edgeWithTakes();
    const first = await edge.speak(TWO);
    const spoken = await bytesOf(first);
    expect(first.headers.get('X-Cache')).toBe('MISS');
    expect(edge.backend.speaks).toHaveLength(2);
    const second = await edge.speak(TWO);
    expect(second.headers.get('X-Cache')).toBe('HIT');
    expect(second.headers.get('X-Take-Id')).toBe(first.headers.get('X-Take-Id'));
    expect(await bytesOf(second)).toEqual(spoken);
    expect(edge.backend.speaks).toHaveLength(2);
  });

  test('is the same audio as without any keeping', async () => {
    const spoken = await bytesOf(await edgeWithTakes().speak(TWO));
    expect(spoken).toEqual(
      await bytesOf(await makeEdge({ backend: { samples: 3_000 } }).speak(TWO)),
    );
  });

  test('is known by sentence: a new ending of a known opening speaks the ending alone', async () => {
    const edge = edgeWithTakes();
    await bytesOf(await edge.speak(TWO));
    const other = await edge.speak({
      ...TWO,
      input: `${OPENING} ${ENDING} Hello world, hello voice, hello wide world, says the voice of the world.`,
    });
    expect(other.headers.get('X-Cache')).toBe('PARTIAL');
    await bytesOf(other);
    expect(edge.backend.speaks).toHaveLength(3);
  });

  test('is another take with another seed, option or latency mode', async () => {
    const edge = edgeWithTakes();
    const ids = new Set<string | null>();
    for (const change of [{}, { seed: 1 }, { temperature: 0.5 }, { latency: 'fast' }]) {
      const response = await edge.speak({ ...TWO, ...change });
      expect(response.headers.get('X-Cache')).toBe('MISS');
      ids.add(response.headers.get('X-Take-Id'));
      await response.arrayBuffer();
    }
    expect(ids.size).toBe(4);
  });

  test.each([
    ['no-store', 'BYPASS', 0],
    ['max-age=0, No-Cache', 'MISS', 2],
  ])('is not played with Cache-Control: %s', async (cacheControl, outcome, kept) => {
    const edge = edgeWithTakes();
    const headers = { 'Content-Type': 'application/json', 'Cache-Control': cacheControl };
    for (let i = 1; i <= 2; i += 1) {
      const response = await edge.speak(TWO, { headers });
      expect(response.headers.get('X-Cache')).toBe(outcome);
      await response.arrayBuffer();
      expect(edge.backend.speaks).toHaveLength(2 * i);
    }
    expect(edge.kept.size).toBe(kept);
  });

  test('costs no time in the report, and has its tokens', async () => {
    const edge = edgeWithTakes();
    await bytesOf(await edge.speak(TWO));
    const events = await (await edge.speak({ ...TWO, stream_format: 'sse' })).text();
    const done = JSON.parse(/data: (\{"type":"speech.audio.done".*\})/.exec(events)?.[1] ?? '{}');
    expect(done).toMatchObject({ cache: 'hit', semantic_ms: 0, samples: 12_000 });
    expect(done.usage.output_tokens).toBeGreaterThan(0);
  });
});

describe('what is known of a take', () => {
  test('is there for the opening of a longer text, which was never spoken by itself', async () => {
    const records = new Map<string, TakeRecord>();
    const edge = makeEdge({
      takes: memoryTakes().takes,
      takeRecords: {
        get: async (id) => records.get(id) ?? null,
        put: async (record) => void records.set(record.id, record),
      },
      backend: { samples: 3_000 },
    });
    const known = async (answer: Response): Promise<Response> =>
      edge.app.request(`/v1/takes/${answer.headers.get('X-Take-Id')}`);
    const whole = await edge.speak(TWO);
    await bytesOf(whole);
    const opening = await edge.speak({ ...TWO, input: OPENING });
    expect(opening.headers.get('X-Cache')).toBe('HIT');
    const heard = await bytesOf(opening);
    expect(await (await known(opening)).json()).toMatchObject({ sentences: 1, samples: 3_000 });
    const id = opening.headers.get('X-Take-Id');
    const again = await edge.app.request(`/v1/takes/${id}/audio?response_format=pcm`);
    expect(await bytesOf(again)).toEqual(heard);
    // a record that is there stays as it is: with what the take cost at first
    await bytesOf(await edge.speak(TWO));
    expect(await (await known(whole)).json()).toMatchObject({ cache: 'miss', semantic_ms: 2 });
  });
});

describe('a backend that is another by now', () => {
  const hello = { model: FIXTURE_MODEL, vocabulary: null };
  const makeSwapping = (): Edge => {
    hello.model = FIXTURE_MODEL;
    return makeEdge({ takes: memoryTakes().takes, backend: { hello, samples: 100 } });
  };

  test('is told from what is staged: asking again does not help, staging does', async () => {
    const edge = makeSwapping();
    await bytesOf(await edge.speak({ ...TWO, input: OPENING }));
    hello.model = 'bark-large';
    const answer = await edge.speak({ ...TWO, input: ENDING });
    expect(answer.headers.get('X-Should-Retry')).toBe('false');
    expect(await answer.json()).toMatchObject({
      error: {
        code: 'backend_mismatch',
        message: expect.stringContaining('npm run stage') as unknown,
      },
    });
  });

  test('is heard under its own name: what the one before said is not played for it, nor kept as if', async () => {
    const made = { model: FIXTURE_MODEL, vocabulary: null, fingerprint: 'a0'.repeat(32) };
    const memory = memoryTakes();
    const edgeOf = (): Edge =>
      makeEdge({ takes: memory.takes, backend: { hello: made, samples: 100 } });
    const edge = edgeOf();
    const first = await edge.speak({ ...TWO, input: OPENING });
    await bytesOf(first);
    expect(memory.kept.size).toBe(1);

    made.fingerprint = 'a1'.repeat(32);
    // the edge still believes in the one before
    await bytesOf(await edge.speak({ ...TWO, input: ENDING }));
    expect(memory.kept.size).toBe(1);

    const other = await edgeOf().speak({ ...TWO, input: OPENING });
    expect(other.headers.get('X-Cache')).toBe('MISS');
    expect(other.headers.get('X-Take-Id')).not.toBe(first.headers.get('X-Take-Id'));
    await bytesOf(other);
    expect(memory.kept.size).toBe(2);
  });

  test('is served at once when it is the right one again', async () => {
    const edge = makeSwapping();
    hello.model = 'bark-large';
    expect((await edge.speak(TWO)).status).toBe(503);
    hello.model = FIXTURE_MODEL;
    await bytesOf(await edge.speak(TWO));
  });

  test('breaks off a text that had begun, and is not believed the next time', async () => {
    const edge = makeSwapping();
    await bytesOf(await edge.speak({ ...TWO, input: OPENING }));
    hello.model = 'bark-large';
    await expect(bytesOf(await edge.speak(TWO))).rejects.toThrow('backend_mismatch');
    expect((await edge.speak(TWO)).status).toBe(503);
  });
});

describe('what is being spoken', () => {
  test('is heard by all who ask for it, from its beginning, and spoken once', async () => {
    const edge = edgeWithTakes(60_000);
    const body = { ...TWO, input: OPENING };
    const answers = await Promise.all(Array.from({ length: 5 }, () => edge.speak(body)));
    const all = await Promise.all(answers.map(bytesOf));
    for (const bytes of all) expect(bytes).toEqual(all[0]);
    expect(edge.backend.speaks).toHaveLength(1);
    expect(all[0]).toHaveLength(120_000);
  });

  test('goes on when the one who asked first leaves, and stops when the last one leaves', async () => {
    const edge = edgeWithTakes(2_000_000);
    const body = { ...TWO, input: OPENING };
    const readers = await Promise.all(
      [edge.speak(body), edge.speak(body)].map(async (answer) => (await answer).body?.getReader()),
    );
    expect(edge.backend.speaks).toHaveLength(1);
    await readers[0]?.read();
    await readers[0]?.cancel();
    await readers[1]?.read();
    expect(edge.backend.count('cancel')).toBe(0);
    expect(edge.backend.openConnections).toBe(1);
    await readers[1]?.cancel();
    await vi.waitFor(() => expect(edge.backend.openConnections).toBe(0));
    expect(edge.kept.size).toBe(0);
    const again = await edge.speak(body);
    expect(again.headers.get('X-Cache')).toBe('MISS');
    await again.body?.cancel();
  });

  test('and fails, fails with the fault it has, and is asked for anew', async () => {
    const memory = memoryTakes();
    const fault = { row: 0, afterSamples: 0, code: 'busy', retryAfterMs: 2_000, times: 1 };
    const edge = makeEdge({ takes: memory.takes, backend: { samples: 100, fault } });
    const answer = await edge.speak(TWO);
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '2']);
    expect((await edge.speak(TWO)).status).toBe(200);
  });
});

describe('what is told of a sentence', () => {
  test('where it came from, and its place in the queue if it is spoken for this request', async () => {
    const memory = memoryTakes();
    const edge = makeEdge({ takes: memory.takes, backend: { samples: 60_000, position: 3 } });
    const body = { ...TWO, input: OPENING, stream_format: 'sse' };
    const told = async (answer: Response): Promise<unknown[]> => {
      const events = await answer.text();
      const done = JSON.parse(/data: (\{"type":"speech.audio.done".*\})/.exec(events)?.[1] ?? '{}');
      return [
        /queue;desc="(\d+)"/.exec(answer.headers.get('Server-Timing') ?? '')?.[1],
        done.origins,
      ];
    };
    const both = await Promise.all([edge.speak(body), edge.speak(body)]);
    expect(await Promise.all(both.map(told))).toEqual([
      ['3', ['spoken']],
      [undefined, ['joined']],
    ]);
    expect(await told(await edge.speak(body))).toEqual([undefined, ['kept']]);
  });

  test('its key is worked out once', async () => {
    const edge = edgeWithTakes();
    const body = { ...TWO, seed: 1 };
    await bytesOf(await edge.speak(body));
    const digest = vi.spyOn(crypto.subtle, 'digest');
    await bytesOf(await edge.speak(body));
    // one for each sentence, one for the take
    expect(digest).toHaveBeenCalledTimes(3);
    digest.mockRestore();
  });
});

describe('where rooms hold too much', () => {
  test('what is spoken is heard whole, is spoken anew for whoever comes later, and is not kept', async () => {
    const budget = new RecordingBudget(10_000);
    const edge = edgeWithTakes(60_000, budget);
    const body = { ...TWO, input: OPENING };
    const first = await edge.speak(body);
    const reader = first.body?.getReader();
    await reader?.read();
    await vi.waitFor(() => expect(edge.backend.samplesSent).toBeGreaterThan(20_000));
    const second = await edge.speak(body);
    expect(second.headers.get('X-Cache')).toBe('MISS');
    expect(edge.backend.speaks).toHaveLength(2);
    const whole = await bytesOf(second);
    expect(whole).toHaveLength(120_000);
    expect(edge.kept.size).toBe(0);
    await reader?.cancel();
    await vi.waitFor(() => expect(budget.usedBytes).toBe(0));
    expect(edge.backend.openConnections).toBe(0);
  });

  test('those who ask at once hear the same', async () => {
    const budget = new RecordingBudget(10_000);
    const edge = edgeWithTakes(60_000, budget);
    const body = { ...TWO, input: OPENING };
    const answers = await Promise.all(Array.from({ length: 5 }, () => edge.speak(body)));
    const all = await Promise.all(answers.map(bytesOf));
    for (const bytes of all) expect(bytes).toEqual(all[0]);
    expect(all[0]).toHaveLength(120_000);
    expect(edge.kept.size).toBe(0);
    expect(budget.usedBytes).toBe(0);
  });

  test('what ended gives its room back, so that the next is kept again', async () => {
    const budget = new RecordingBudget(10_000);
    const edge = edgeWithTakes(3_000, budget);
    for (const input of [OPENING, ENDING]) await bytesOf(await edge.speak({ ...TWO, input }));
    expect(edge.kept.size).toBe(2);
    await vi.waitFor(() => expect(budget.usedBytes).toBe(0));
  });

  test('a fault and a hang-up give it back', async () => {
    const budget = new RecordingBudget(1_000_000);
    const fault = { row: 0, afterSamples: 12_000, code: 'internal' };
    const edge = makeEdge({
      takes: memoryTakes(budget).takes,
      backend: { samples: 24_000, fault },
    });
    const broken = await edge.speak({ ...TWO, input: OPENING });
    await expect(broken.arrayBuffer()).rejects.toThrow();
    await vi.waitFor(() => expect(budget.usedBytes).toBe(0));
    const left = edgeWithTakes(2_000_000, budget);
    const reader = (await left.speak(TWO)).body?.getReader();
    await reader?.read();
    expect(budget.usedBytes).toBeGreaterThan(0);
    await reader?.cancel();
    await vi.waitFor(() => expect(budget.usedBytes).toBe(0));
  });
});
