import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SILENCE_MS, withSilences } from './silences.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A source whose items are handed over from outside. */
function tap(): {
  source: AsyncGenerator<string, void, undefined>;
  asked: () => number;
  hasEnded: () => boolean;
  give: (item: string | Error) => void;
} {
  let wake: (item: string | Error) => void = () => undefined;
  let asked = 0;
  let ended = false;
  async function* items(): AsyncGenerator<string, void, undefined> {
    try {
      for (;;) {
        asked += 1;
        const item = await new Promise<string | Error>((resolve) => {
          wake = resolve;
        });
        if (item instanceof Error) throw item;
        if (item === '') return;
        yield item;
      }
    } finally {
      ended = true;
    }
  }
  return { source: items(), asked: () => asked, hasEnded: () => ended, give: (item) => wake(item) };
}

describe('a source that is waited for', () => {
  test('is a null for each second, then its item', async () => {
    const { source, give, asked } = tap();
    const heard = withSilences(source);
    for (let i = 0; i < 3; i += 1) {
      const next = heard.next();
      await vi.advanceTimersByTimeAsync(SILENCE_MS);
      expect(await next).toEqual({ done: false, value: null });
    }
    expect(asked()).toBe(1);
    const next = heard.next();
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
    give('sound');
    expect(await next).toEqual({ done: false, value: 'sound' });
    // not before the reader asks
    expect(asked()).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends when it ends, and fails when it fails', async () => {
    const well = tap();
    const heard = withSilences(well.source);
    const end = heard.next();
    await vi.advanceTimersByTimeAsync(1);
    well.give('');
    expect(await end).toEqual({ done: true, value: undefined });

    const broken = tap();
    const failing = withSilences(broken.source);
    const outcome = expect(failing.next()).rejects.toThrow('no more');
    await vi.advanceTimersByTimeAsync(1);
    broken.give(new Error('no more'));
    await outcome;
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is ended when the reader leaves in a silence, once what it waits for has failed', async () => {
    const { source, give, hasEnded } = tap();
    const heard = withSilences(source);
    const next = heard.next();
    await vi.advanceTimersByTimeAsync(SILENCE_MS);
    expect(await next).toEqual({ done: false, value: null });
    const left = heard.return();
    give(new Error('cancelled'));
    await left;
    expect(hasEnded()).toBe(true);
  });
});
