import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { durableKeys } from './key-store.ts';
import type { KeyDirectory } from './key-directory.ts';
import type { KeyLedger } from './key-ledger.ts';
import type { KeyRecord } from './ledger.ts';

const { KEY_LEDGER, KEY_DIRECTORY } = env as unknown as {
  KEY_LEDGER: DurableObjectNamespace<KeyLedger>;
  KEY_DIRECTORY: DurableObjectNamespace<KeyDirectory>;
};
const keys = durableKeys(KEY_LEDGER, KEY_DIRECTORY);
const NOW_MS = Date.UTC(2026, 10, 5);

function record(id: string, fields: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id,
    name: 'app',
    secretHash: `hash of ${id}`,
    scopes: ['speech'],
    createdMs: NOW_MS,
    expiresMs: null,
    revokedMs: null,
    requestsPerMinute: 1_000,
    charactersPerMonth: 1_000,
    ...fields,
  };
}

const ask = { scope: 'speech' as const, nowMs: NOW_MS };

describe('keys in Durable Objects', () => {
  test('keep their budget however many ask at once', async () => {
    await keys.open(record('crowd'));
    const answers = await Promise.all(
      Array.from({ length: 200 }, () =>
        keys.admit('crowd', { ...ask, secretHash: 'hash of crowd', characters: 30 }),
      ),
    );
    const admitted = answers.filter(({ refusal }) => refusal === null);
    expect(admitted).toHaveLength(33);
    expect((await keys.describe('crowd', NOW_MS))?.allowance.charactersUsed).toBe(990);
  });

  test('keep their rate however many ask at once', async () => {
    await keys.open(record('hurry', { requestsPerMinute: 17 }));
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        keys.admit('hurry', { ...ask, secretHash: null, characters: 1 }),
      ),
    );
    expect(answers.filter(({ refusal }) => refusal === null)).toHaveLength(17);
    expect(answers.at(-1)?.refusal?.code).toBe('rate_limited');
  });

  test('know no other secret, and no key that was not made', async () => {
    await keys.open(record('known'));
    const wrong = await keys.admit('known', { ...ask, secretHash: 'another', characters: 1 });
    expect(wrong.refusal?.code).toBe('unauthorized');
    const unknown = await keys.admit('unknown', { ...ask, secretHash: null, characters: 1 });
    expect(unknown.refusal?.code).toBe('unauthorized');
    expect(await keys.describe('unknown', NOW_MS)).toBeNull();
  });

  test('give back, are revoked and listed in pages', async () => {
    for (let i = 0; i < 103; i += 1) await keys.open(record(`page${String(i).padStart(3, '0')}`));
    await keys.admit('page000', { ...ask, secretHash: null, characters: 100 });
    await keys.refund('page000', 60, '2026-11');
    expect((await keys.describe('page000', NOW_MS))?.allowance.charactersUsed).toBe(40);
    await keys.revoke('page000', NOW_MS);
    const refused = await keys.admit('page000', { ...ask, secretHash: null, characters: 1 });
    expect(refused.refusal?.message).toContain('revoked');
    const first = await keys.list('page');
    expect([first.length, first[0], first.at(-1)]).toEqual([100, 'page000', 'page099']);
    expect(await keys.list('page099')).toEqual(['page100', 'page101', 'page102']);
  });
});
