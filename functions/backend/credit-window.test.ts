import { describe, expect, test } from 'vitest';
import { CreditWindow } from './credit-window.ts';

describe('a window of 100 samples', () => {
  test('is granted once half of it has been read', () => {
    const window = new CreditWindow(100);
    expect(window.receive(100)).toBe(true);
    expect(window.read(49)).toBe(0);
    expect(window.read(1)).toBe(50);
    expect(window.read(50)).toBe(50);
  });

  test('refuses one sample more', () => {
    const window = new CreditWindow(100);
    expect(window.receive(100)).toBe(true);
    expect(window.receive(1)).toBe(false);
  });

  test.each([[[1]], [[7]], [[30, 1, 64]], [[100]]])(
    'is never exceeded, and never runs dry, when read in pieces of %j',
    (sizes) => {
      const window = new CreditWindow(100);
      let granted = 100;
      let received = 0;
      let read = 0;
      for (let i = 0; read < 10_000; i += 1) {
        const size = sizes[i % sizes.length] ?? 1;
        const missing = Math.min(granted - received, 100);
        expect(window.receive(missing)).toBe(true);
        received += missing;
        expect(received - read).toBeLessThanOrEqual(100);
        expect(received).toBeGreaterThan(read);
        const taken = Math.min(size, received - read);
        granted += window.read(taken);
        read += taken;
        expect(granted - read).toBeLessThanOrEqual(100);
      }
    },
  );
});
