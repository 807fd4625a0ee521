import { describe, expect, test } from 'vitest';
import { argmax, chooseId, filteredProbabilities, softmax, type SamplingPlan } from './sampling.ts';

const NEUTRAL: SamplingPlan = { doSample: true, temperature: 1, topK: null, topP: null };
const scores = Float32Array.of(1, 3, 2, 3, 0);

test('greedy takes the lowest index among equal maxima', () => {
  expect(argmax(scores)).toBe(1);
  expect(argmax(scores, 2, 5)).toBe(3);
});

test('greedy never draws', () => {
  const plan = { ...NEUTRAL, doSample: false };
  const never = (): number => {
    throw new Error('drawn');
  };
  expect(chooseId(scores, 0, 5, plan, never)).toBe(1);
});

test('softmax sums to one and survives large scores', () => {
  const probabilities = softmax([1_000, 1_001]);
  expect(probabilities[0]).toBeCloseTo(1 / (1 + Math.E), 12);
  expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
});

describe('filters', () => {
  const kept = (plan: Partial<SamplingPlan>): number[] =>
    Array.from(filteredProbabilities(scores, { ...NEUTRAL, ...plan })).flatMap((p, i) =>
      p > 0 ? [i] : [],
    );

  test('top-k keeps ties of the k-th score', () => {
    expect(kept({ topK: 1 })).toEqual([1, 3]);
    expect(kept({ topK: 3 })).toEqual([1, 2, 3]);
    expect(kept({ topK: 50 })).toEqual([0, 1, 2, 3, 4]);
  });

  test('top-p keeps the likeliest ids that reach p, always one', () => {
    // softmax of the scores: 0.054, 0.396, 0.146, 0.396, 0.020 less rounding
    expect(kept({ topP: 0.75 })).toEqual([1, 3]);
    expect(kept({ topP: 0.9 })).toEqual([1, 2, 3]);
    expect(kept({ topP: 0.001 })).toHaveLength(1);
  });

  test('temperature divides the scores before the filters', () => {
    const probabilities = filteredProbabilities(Float32Array.of(0, 1), {
      ...NEUTRAL,
      temperature: 0.5,
    });
    expect(probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
  });

  test('what remains sums to one', () => {
    for (const plan of [{ topK: 2 }, { topP: 0.6 }, { topK: 3, topP: 0.6, temperature: 0.7 }]) {
      const sum = filteredProbabilities(scores, { ...NEUTRAL, ...plan }).reduce((a, b) => a + b);
      expect(sum).toBeCloseTo(1, 12);
    }
  });
});

describe('drawing', () => {
  test('the draw walks the ids upwards within the range', () => {
    const even = Float32Array.of(9, 0, 0, 0, 0, 9);
    const at = (uniform: number): number => chooseId(even, 1, 5, NEUTRAL, () => uniform);
    expect([at(0), at(0.25), at(0.5), at(0.9999999999)]).toEqual([1, 2, 3, 4]);
  });

  test('an id with score -Infinity is never taken', () => {
    const masked = Float32Array.of(-Infinity, 0, -Infinity);
    expect([0, 0.5, 1 - 2 ** -53].map((u) => chooseId(masked, 0, 3, NEUTRAL, () => u))).toEqual([
      1, 1, 1,
    ]);
  });
});
