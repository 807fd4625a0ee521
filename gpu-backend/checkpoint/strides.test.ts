import { describe, expect, test } from 'vitest';
import { gatherStrided, isContiguous, spanElements } from './strides.ts';

describe('views', () => {
  test.each([
    [[2, 3], [3, 1], true],
    [[3, 2], [1, 3], false],
    [[1, 5], [99, 1], true],
    [[5, 1], [1, 99], true],
    [[0, 7], [1, 1], true],
    [[], [], true],
    [[4], [2], false],
  ])('a view of shape %j and strides %j is contiguous: %s', (shape, strides, expected) => {
    expect(isContiguous(shape, strides)).toBe(expected);
  });

  test('a transposed matrix is read down its columns', () => {
    const span = Float32Array.of(0, 1, 2, 3, 4, 5);
    expect(spanElements([3, 2], [1, 3])).toBe(6);
    expect(gatherStrided(span, [3, 2], [1, 3])).toEqual(Float32Array.of(0, 3, 1, 4, 2, 5));
  });

  test('three axes in any order come out in C order', () => {
    const span = Float32Array.from({ length: 24 }, (_, i) => i);
    const gathered = gatherStrided(span, [4, 2, 3], [1, 12, 4]);
    for (let a = 0; a < 4; a += 1) {
      for (let b = 0; b < 2; b += 1) {
        for (let c = 0; c < 3; c += 1)
          expect(gathered[(a * 2 + b) * 3 + c]).toBe(a + 12 * b + 4 * c);
      }
    }
  });

  test('a slice with gaps leaves them out', () => {
    expect(spanElements([3], [2])).toBe(5);
    expect(gatherStrided(Float32Array.of(0, 1, 2, 3, 4), [3], [2])).toEqual(
      Float32Array.of(0, 2, 4),
    );
  });
});
