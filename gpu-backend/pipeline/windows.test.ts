import { describe, expect, test } from 'vitest';
import {
  coarseHistoryLengths,
  coarseLength,
  fineWindows,
  maxSemanticHistory,
  roundHalfEven,
  semanticStart,
  startOfLast,
} from './windows.ts';

const BARK = {
  semanticRateHz: 49.9,
  coarseRateHz: 75,
  coarseCodebooks: 2,
  maxCoarseHistory: 630,
  slidingWindowLength: 60,
};
const FINE = { maxFineInputLength: 1_024, maxFineHistoryLength: 512 };

test.each([
  [0.5, 0],
  [1.5, 2],
  [2.5, 2],
  [249.5, 250],
  [2.4999, 2],
  [2.5001, 3],
  [7, 7],
])('%d rounds half to even: %d', (x, expected) => {
  expect(roundHalfEven(x)).toBe(expected);
});

test('the last n entries begin where Python says, all of them for n = 0', () => {
  expect([startOfLast(5, 2), startOfLast(5, 5), startOfLast(5, 9), startOfLast(5, 0)]).toEqual([
    3, 0, 0, 0,
  ]);
});

test.each([
  [0, 0],
  [1, 2],
  [2, 6],
  [3, 8],
  [10, 30],
  [49, 146],
  [50, 150],
  [100, 300],
  [499, 1500],
  [500, 1502],
  [768, 2308],
])('%d semantic tokens become %d coarse ones', (semantic, coarse) => {
  expect(coarseLength(semantic, BARK)).toBe(coarse);
});

test('a window sees 209 semantic tokens of history', () => {
  expect(maxSemanticHistory(BARK)).toBe(209);
});

test('windows read the semantic tokens from the published places', () => {
  const starts = Array.from({ length: 20 }, (_, j) => semanticStart(60 * j, 209, BARK));
  expect(starts).toEqual([
    0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220, 240, 259, 279, 299, 319, 339, 359, 379,
  ]);
});

test('without history the first eleven windows begin at the first token', () => {
  const starts = Array.from({ length: 13 }, (_, j) => semanticStart(60 * j, 0, BARK));
  expect(starts).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 31]);
});

test.each([
  // semantic tokens and frames of a voice -> semantic and coarse tokens of history
  [309, 464, 209, 628],
  [499, 750, 209, 628],
  [1, 1, 0, 0],
  [2, 3, 1, 3],
])('a voice of %d tokens and %d frames gives %d and %d', (tokens, frames, semantic, coarse) => {
  expect(coarseHistoryLengths(tokens, 2 * frames, BARK)).toEqual({ semantic, coarse });
});

describe('fine windows', () => {
  test.each([
    [
      1500,
      0,
      [
        [0, 0],
        [476, 36],
      ],
    ],
    [
      975,
      512,
      [
        [0, 512],
        [463, 512],
      ],
    ],
    [
      1154,
      464,
      [
        [0, 464],
        [512, 464],
        [594, 512],
      ],
    ],
    [
      513,
      512,
      [
        [0, 512],
        [1, 512],
      ],
    ],
    [10, 0, [[0, 0]]],
    [512, 512, [[0, 512]]],
  ])('%d frames after %d of history', (frames, history, expected) => {
    const { windows, paddedLength } = fineWindows(frames, history, FINE);
    expect(windows.map(({ start, firstRow }) => [start, firstRow])).toEqual(expected);
    expect(paddedLength).toBe(Math.max(1_024, frames + history));
  });
});
