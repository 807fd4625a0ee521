import { describe, expect, test } from 'vitest';
import { admit, freshUsage, refund, type KeyRecord } from './ledger.ts';

const NOW_MS = Date.UTC(2026, 10, 30, 23, 59, 0);

const RECORD: KeyRecord = {
  id: '0123456789abcdef',
  name: 'app',
  secretHash: 'hash',
  scopes: ['speech', 'read'],
  createdMs: NOW_MS,
  expiresMs: null,
  revokedMs: null,
  requestsPerMinute: 3,
  charactersPerMonth: 100,
};

function ask(characters = 10, nowMs = NOW_MS, scope: 'speech' | 'keys' = 'speech') {
  return { secretHash: 'hash', scope, characters, nowMs };
}

describe('the ledger of a key', () => {
  test('lets a minute of requests through at once, then one each third of a minute', () => {
    let usage = freshUsage(RECORD, NOW_MS);
    for (let i = 0; i < 3; i += 1) {
      const ruling = admit(RECORD, usage, ask());
      expect(ruling.refusal).toBeNull();
      expect(ruling.allowance.requestsLeft).toBe(2 - i);
      usage = ruling.usage;
    }
    const early = admit(RECORD, usage, ask());
    expect(early.refusal).toMatchObject({ code: 'rate_limited', retryAfterMs: 20_000 });
    expect(admit(RECORD, early.usage, ask(10, NOW_MS + 20_000)).refusal).toBeNull();
  });

  test('answers what is left, also to a key that may ask no more just now', () => {
    const full = freshUsage(RECORD, NOW_MS);
    const look = { ...ask(0), requests: 0 };
    expect(admit(RECORD, full, look).allowance.requestsLeft).toBe(3);
    expect(admit(RECORD, full, look).usage.bucket).toBe(3);
    const empty = admit(RECORD, { ...full, bucket: 0.5 }, look);
    expect([empty.refusal, empty.allowance.requestsLeft]).toEqual([null, 0]);
    const revoked = admit({ ...RECORD, revokedMs: NOW_MS - 1 }, full, look);
    expect(revoked.refusal?.code).toBe('unauthorized');
  });

  test('never holds more than a minute of requests, and a clock that goes back gives none', () => {
    const rested = admit(RECORD, freshUsage(RECORD, NOW_MS), ask(1, NOW_MS + 3_600_000));
    expect(rested.usage.bucket).toBe(2);
    expect(admit(RECORD, rested.usage, ask(1, NOW_MS)).usage.bucket).toBe(1);
  });

  test('takes characters off, refuses what is too long and takes nothing for it', () => {
    const first = admit(RECORD, freshUsage(RECORD, NOW_MS), ask(60));
    expect(first.allowance).toMatchObject({ charactersUsed: 60, charactersPerMonth: 100 });
    const second = admit(RECORD, first.usage, ask(41));
    expect(second.refusal?.code).toBe('insufficient_quota');
    expect(second.refusal?.message).toContain('40 of its 100 characters');
    expect(second.usage).toMatchObject({ characters: 60, bucket: 2 });
    expect(admit(RECORD, second.usage, ask(40)).refusal).toBeNull();
  });

  test('begins a new month with nothing used, and gives nothing back to an old one', () => {
    const used = admit(RECORD, freshUsage(RECORD, NOW_MS), ask(100)).usage;
    expect(refund(used, 30, '2026-11').characters).toBe(70);
    const december = admit(RECORD, used, ask(100, NOW_MS + 120_000));
    expect(december.refusal).toBeNull();
    expect(december.allowance).toMatchObject({ month: '2026-12', charactersUsed: 100 });
    expect(refund(december.usage, 100, '2026-11').characters).toBe(100);
  });

  test.each([
    ['unauthorized', 'revoked', { revokedMs: NOW_MS - 1 }, 'speech'],
    ['unauthorized', 'expired', { expiresMs: NOW_MS }, 'speech'],
    ['forbidden', 'lacks the scope keys', {}, 'keys'],
  ] as const)('refuses as %s what is %s', (code, words, change, scope) => {
    const record = { ...RECORD, ...change };
    const { refusal, usage } = admit(record, freshUsage(record, NOW_MS), ask(10, NOW_MS, scope));
    expect(refusal?.code).toBe(code);
    expect(refusal?.message).toContain(words);
    expect(usage).toMatchObject({ characters: 0, bucket: 3 });
  });
});
