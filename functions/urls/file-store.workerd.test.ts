import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import type { TakeLedger } from '../takes/take-ledger.ts';
import { bucketFileStore } from './file-store.ts';

const { TAKES, TAKE_LEDGER } = env as unknown as {
  TAKES: R2Bucket;
  TAKE_LEDGER: DurableObjectNamespace<TakeLedger>;
};

const facts = { take: 'take_0', sampleRate: 24_000, sentences: [], done: {} };

test('a file counts as what it is, also when its URL is made again', async () => {
  const store = bucketFileStore({
    bucket: TAKES,
    ledgers: TAKE_LEDGER,
    maxAgeMs: 60_000,
    maxBytes: 300_000,
    now: Date.now,
  });
  const file = { bytes: new Uint8Array(200_000), mediaType: 'audio/pcm', facts };
  const soonMs = Date.now() + 60_000;
  await store.putOrder('first', 'an order', soonMs);
  await store.put('first', file);
  await store.putOrder('first', 'an order', soonMs + 60_000);
  expect(await store.facts('first')).toEqual(facts);
  await store.putOrder('second', 'another order', soonMs);
  await store.put('second', file);
  // both do not fit
  expect(await store.facts('first')).toBeNull();
  expect(await store.getOrder('first')).toBeNull();
  expect(await store.get('second', new Headers())).not.toBeNull();
  expect(await store.getOrder('second')).toBe('another order');
});
