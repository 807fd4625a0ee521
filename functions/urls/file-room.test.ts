import { describe, expect, test } from 'vitest';
import { FileBudget } from './file-budget.ts';
import { FileRoom, type SpokenFile } from './file-room.ts';
import type { FileFacts, FileStore, FinishedFile } from './file-store.ts';

const FACTS: FileFacts = { take: 'take_0', sampleRate: 24_000, sentences: [], done: {} };

/** A store that remembers the ranges that it was asked for; it can be told to refuse what is put. */
function memoryStore(): FileStore & { ranges: string[]; refuses: boolean } {
  const files = new Map<string, FinishedFile>();
  const ranges: string[] = [];
  return {
    ranges,
    refuses: false,
    putOrder: async () => undefined,
    getOrder: async () => null,
    async put(id, file) {
      if (this.refuses) throw new Error('no bucket');
      files.set(id, file);
    },
    async get(id, headers) {
      const file = files.get(id);
      if (file === undefined) return null;
      const range = headers.get('Range') ?? '';
      ranges.push(range);
      const [first = 0, last = 0] = range.replace('bytes=', '').split('-').map(Number);
      return {
        body: new Blob([Uint8Array.from(file.bytes.slice(first, last + 1))]).stream(),
      } as R2ObjectBody;
    },
    facts: async () => null,
  };
}

/** A file of five chunks of 100 bytes, each after a word from the test. */
function fileOf(go: () => Promise<void>, signal: AbortSignal): SpokenFile {
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let i = 0; i < 5; i += 1) {
      await go();
      signal.throwIfAborted();
      yield new Uint8Array(100).fill(i);
    }
  }
  return {
    mediaType: 'audio/pcm',
    chunks: chunks(),
    finish: (bytes) => ({ bytes, mediaType: 'audio/pcm', facts: FACTS }),
  };
}

const WHOLE = new Uint8Array(500).map((_, i) => Math.floor(i / 100));

function roomOf(
  store: FileStore,
  budget: FileBudget,
  go: () => Promise<void> = async () => undefined,
): FileRoom {
  return new FileRoom({
    store,
    budget,
    sizeOf: () => 500,
    speak: async (_, signal) => fileOf(go, signal),
    keepAlive: () => undefined,
  });
}

describe('a file that was made', () => {
  test('is read on from the bucket by whoever is not through, and held no more', async () => {
    const store = memoryStore();
    const budget = new FileBudget(500);
    const room = roomOf(store, budget);
    const slow = (await room.audio('id', 'order', null)).body?.getReader();
    const first = await slow?.read();
    expect(budget.reservedBytes).toBe(500);
    expect(await room.facts('id', 'order')).toEqual(FACTS);
    expect(budget.reservedBytes).toBe(0);
    const bytes = [...(first?.value ?? [])];
    for (;;) {
      const { done = true, value } = (await slow?.read()) ?? {};
      if (done) break;
      bytes.push(...(value ?? []));
    }
    expect(Uint8Array.from(bytes)).toEqual(WHOLE);
    expect(store.ranges).toHaveLength(1);
    expect(store.ranges[0]).toMatch(/^bytes=[1-4]00-499$/);
  });
});

describe('where too many files are being made', () => {
  test('another is refused with a time to try again, and begins once there is room', async () => {
    const store = memoryStore();
    const budget = new FileBudget(900);
    const begin = Promise.withResolvers<void>();
    const one = roomOf(store, budget, () => begin.promise);
    const two = roomOf(store, budget);
    const first = await one.audio('one', 'order', null);
    await expect(two.audio('two', 'order', null)).rejects.toMatchObject({
      code: 'busy',
      retryAfterMs: 5_000,
    });
    begin.resolve();
    expect(await first.bytes()).toEqual(WHOLE);
    await one.facts('one', 'order').catch(() => undefined);
    const second = await two.audio('two', 'order', null);
    expect(await second.bytes()).toEqual(WHOLE);
  });

  test('one that fails gives its room back, and one by itself always has it', async () => {
    const store = memoryStore();
    store.refuses = true;
    const budget = new FileBudget(100);
    await expect(roomOf(store, budget).facts('id', 'order')).rejects.toThrow('no bucket');
    expect(budget.reservedBytes).toBe(0);
    const failing = new FileRoom({
      store,
      budget,
      sizeOf: () => 500,
      speak: () => Promise.reject(new Error('no backend')),
      keepAlive: () => undefined,
    });
    await expect(failing.audio('id', 'order', null)).rejects.toThrow('no backend');
    expect(budget.reservedBytes).toBe(0);
  });
});
