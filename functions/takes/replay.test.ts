/** A take that is asked for when its last sentence is only just being stored. */
import { describe, expect, test, vi } from 'vitest';
import { keptSentence } from './replay.ts';
import type { KeptSentence, SentenceStore } from './sentence-store.ts';

/** Answers what is kept from the `from`th look on. */
function lateStore(
  kept: KeptSentence,
  from: number,
): { store: SentenceStore; looks: () => number } {
  let looks = 0;
  const get = async (): Promise<KeptSentence | null> => {
    looks += 1;
    return looks < from ? null : kept;
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of it is used here
  return { store: { get } as unknown as SentenceStore, looks: () => looks };
}

describe('a sentence of a take', () => {
  test('that is not there at once is waited for', async () => {
    vi.useFakeTimers();
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- told apart by identity alone
      const kept = {} as KeptSentence;
      const { store, looks } = lateStore(kept, 3);
      keptSentence(store, 'key').accepted.catch(() => undefined);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(looks()).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that does not come is not found, within a second', async () => {
    vi.useFakeTimers();
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- never reached
      const { store, looks } = lateStore({} as KeptSentence, Number.POSITIVE_INFINITY);
      const accepted = keptSentence(store, 'key').accepted;
      const refused = expect(accepted).rejects.toMatchObject({ code: 'not_found' });
      await vi.advanceTimersByTimeAsync(1_000);
      await refused;
      expect(looks()).toBe(10);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that the take has not is not looked for', async () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- never reached
    const { store, looks } = lateStore({} as KeptSentence, 1);
    await expect(keptSentence(store, undefined).accepted).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(looks()).toBe(0);
  });
});
