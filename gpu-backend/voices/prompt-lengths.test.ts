import { expect, test } from 'vitest';
import { parseGenerationConfig } from '../checkpoint/generation-config.ts';
import { firstFrames, fitLengths, framesOf, withoutEnd } from './prompt-lengths.ts';

const generation = parseGenerationConfig(undefined);

test.each([
  [1, 1],
  [2, 3],
  [10, 15],
  [49, 73],
  [499, 750],
  [768, 1_154],
])('%i tokens make %i frames', (tokens, frames) => {
  expect(framesOf(tokens, generation)).toBe(frames);
});

test('what belongs together is kept whole', () => {
  for (let tokens = 1; tokens <= 1_000; tokens += 1) {
    const frames = framesOf(tokens, generation);
    expect(fitLengths({ tokens, frames }, generation)).toEqual({ tokens, frames });
  }
});

test('of lengths that do not fit the longer is cut to the shorter', () => {
  for (let frames = 0; frames <= 1_000; frames += 1) {
    const fit = fitLengths({ tokens: 9_000, frames }, generation);
    // no token is wasted
    expect(framesOf(fit.tokens, generation)).toBeLessThanOrEqual(frames);
    expect(framesOf(fit.tokens + 1, generation)).toBeGreaterThan(frames);
    expect(fit.frames).toBe(framesOf(fit.tokens, generation));
  }
  expect(fitLengths({ tokens: 100, frames: 9_000 }, generation)).toEqual({
    tokens: 100,
    frames: 150,
  });
});

test('only the end tokens at the end are taken off', () => {
  expect([...withoutEnd(Int32Array.of(1, 10_000, 2, 10_000, 10_000), generation)]).toEqual([
    1, 10_000, 2,
  ]);
  expect([...withoutEnd(Int32Array.of(10_000), generation)]).toEqual([]);
});

test('the first frames of each row are taken', () => {
  const codes = Int32Array.of(1, 2, 3, 11, 12, 13);
  expect([...firstFrames(codes, { rows: 2, frames: 2 })]).toEqual([1, 2, 11, 12]);
});
