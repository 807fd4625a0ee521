import { describe, expect, test } from 'vitest';
import { philox4x32, philoxRandomness } from './randomness.ts';

describe('philox4x32', () => {
  // the published known answers of Philox4x32-10 (Random123, kat_vectors)
  test.each([
    [
      '00000000 00000000 00000000 00000000',
      '00000000 00000000',
      '6627e8d5 e169c58d bc57ac4c 9b00dbd8',
    ],
    [
      'ffffffff ffffffff ffffffff ffffffff',
      'ffffffff ffffffff',
      '408f276d 41c83b0e a20bc7c6 6d5451fd',
    ],
    [
      '243f6a88 85a308d3 13198a2e 03707344',
      'a4093822 299f31d0',
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    ],
  ])('counter %s under key %s is %s', (counter, key, expected) => {
    const words = (hex: string): Uint32Array =>
      Uint32Array.from(hex.split(' '), (word) => parseInt(word, 16));
    const [low = 0, high = 0] = words(key);
    const block = philox4x32(words(counter), low, high);
    expect(block.map((word) => word.toString(16).padStart(8, '0')).join(' ')).toBe(expected);
  });
});

describe('philoxRandomness', () => {
  test('a draw depends on seed, stage, row and step alone', () => {
    const draws = new Set<number>();
    for (const seed of [0, 7, 2 ** 32, 2 ** 53 - 1]) {
      for (const stage of ['semantic', 'coarse', 'fine'] as const) {
        for (const row of [0, 1]) {
          const draw = philoxRandomness(seed)(stage, row);
          for (const step of [0, 1, 2 ** 32]) {
            expect(draw(step)).toBe(philoxRandomness(seed)(stage, row)(step));
            draws.add(draw(step));
          }
        }
      }
    }
    expect(draws.size).toBe(4 * 3 * 2 * 3);
  });

  test('draws are even over [0, 1)', () => {
    const draw = philoxRandomness(1)('semantic', 0);
    const bins = Array.from({ length: 10 }, () => 0);
    for (let step = 0; step < 10_000; step += 1) {
      const value = draw(step);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
      const bin = Math.floor(value * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    // five standard deviations of a bin of 1 000 in 10 000
    for (const count of bins) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
