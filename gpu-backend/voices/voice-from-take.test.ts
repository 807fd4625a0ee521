import { expect, test } from 'vitest';
import { fineCodes } from '#shared/bark/shapes.ts';
import { parseGenerationConfig } from '../checkpoint/generation-config.ts';
import { voiceFromTake, type Take } from './voice-from-take.ts';

const generation = parseGenerationConfig(undefined);

/** A take of `tokens` semantic tokens in a batch whose longest row has `frames` frames. */
function takeOf(tokens: number, frames: number, ends = 3): Take {
  const code = (book: number, frame: number): number => (book * 100 + frame) % 1_024;
  return {
    semantic: Int32Array.from({ length: tokens + ends }, (_, i) => (i < tokens ? i : 10_000)),
    coarse: Int32Array.from(
      { length: 2 * frames },
      (_, i) => 10_000 + 1_024 * (i % 2) + code(i % 2, Math.floor(i / 2)),
    ),
    fine: fineCodes(
      Int32Array.from({ length: 8 * frames }, (_, i) => code(Math.floor(i / frames), i % frames)),
      1_024,
    ),
  };
}

test('end tokens and offsets are taken off', () => {
  const voice = voiceFromTake(takeOf(10, 15), generation);
  expect([...voice.semanticPrompt]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(voice.coarsePrompt.length).toBe(30);
  expect(voice.coarsePrompt).toEqual(voice.finePrompt.subarray(0, 30));
  expect([...voice.finePrompt.subarray(7 * 15, 7 * 15 + 3)]).toEqual([700, 701, 702]);
});

test('a row that was filled up keeps its own frames', () => {
  const voice = voiceFromTake(takeOf(10, 400, 300), generation);
  expect(voice.finePrompt.length).toBe(8 * 15);
  expect([...voice.finePrompt.subarray(15, 18)]).toEqual([100, 101, 102]);
});

test('a take without its last frames loses the tokens that go with them', () => {
  const voice = voiceFromTake(takeOf(100, 75, 0), generation);
  expect(voice.semanticPrompt.length).toBe(50);
  expect(voice.finePrompt.length).toBe(8 * 75);
});

test('an id of codebook 1 beyond its range is folded back, as in the reference', () => {
  const take = takeOf(2, 3);
  take.coarse[1] = 10_000 + 2 * 1_024 + 5;
  expect(voiceFromTake(take, generation).coarsePrompt[3]).toBe(5);
});

test('a take with nothing in it is no voice', () => {
  expect(() => voiceFromTake(takeOf(0, 0), generation)).toThrow('0 semantic tokens and 0 frames');
});

test('an end in the middle is refused', () => {
  const take = takeOf(10, 15);
  take.semantic[4] = 10_000;
  expect(() => voiceFromTake(take, generation)).toThrow('semantic_prompt must hold integers');
});
