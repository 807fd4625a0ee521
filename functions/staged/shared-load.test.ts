import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LOAD_TIMEOUT_MS, SharedLoad } from './shared-load.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function ignore(): void {
  // a test needs nothing kept alive
}

describe('a shared load', () => {
  test('runs once for all who ask', async () => {
    const load = vi.fn(async () => ({ value: 1 }));
    const shared = new SharedLoad(load, ignore);
    expect(load).not.toHaveBeenCalled();
    const [first, second] = await Promise.all([shared.get(), shared.get()]);
    expect(await shared.get()).toBe(first);
    expect(second).toBe(first);
    expect(load).toHaveBeenCalledTimes(1);
  });

  test('tells all who waited of a failure, and keeps none', async () => {
    const load = vi.fn<() => Promise<string>>();
    load.mockRejectedValueOnce(new Error('no')).mockResolvedValueOnce('yes');
    const shared = new SharedLoad(load, ignore);
    const waiting = [shared.get(), shared.get()];
    for (const wait of waiting) await expect(wait).rejects.toThrow('no');
    expect(await shared.get()).toBe('yes');
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('outlives the request that began it', async () => {
    const kept: Promise<unknown>[] = [];
    const shared = new SharedLoad(
      async () => 7,
      (work) => kept.push(work),
    );
    await shared.get();
    await shared.get();
    expect(kept).toHaveLength(1);
  });

  test('that never ends is given up and begun anew by the next', async () => {
    const load = vi.fn<() => Promise<string>>();
    load.mockReturnValueOnce(new Promise(ignore)).mockResolvedValueOnce('yes');
    const shared = new SharedLoad(load, ignore);
    const outcome = expect(shared.get()).rejects.toEqual(
      expect.objectContaining({ code: 'timeout' }),
    );
    await vi.advanceTimersByTimeAsync(LOAD_TIMEOUT_MS);
    await outcome;
    expect(await shared.get()).toBe('yes');
    expect(vi.getTimerCount()).toBe(0);
  });
});
