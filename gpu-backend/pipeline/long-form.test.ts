import { describe, expect, test } from 'vitest';
import { waveform } from '#shared/bark/shapes.ts';
import {
  afterPause,
  KEPT_SECONDS,
  placesOf,
  SOUND_THRESHOLD,
  soundRange,
  trimSilence,
} from './long-form.ts';

const RATE = 24_000;
const KEPT = KEPT_SECONDS * RATE;

/** Silence with noise below the threshold, and a tone where there is sound. */
function recording(before: number, sound: number, after: number) {
  return waveform(
    Float32Array.from({ length: before + sound + after }, (_, i) => {
      const isSound = i >= before && i < before + sound;
      return isSound ? 0.3 : 0.9 * SOUND_THRESHOLD * (i % 2 === 0 ? 1 : -1);
    }),
  );
}

describe('trimming', () => {
  test('leaves a margin on either side of the sound', () => {
    expect(soundRange(recording(9_000, 500, 7_000), RATE)).toEqual({
      from: 9_000 - KEPT,
      until: 9_500 + KEPT,
    });
  });

  test('touches no sample of the sound, and cuts to zero', () => {
    const trimmed = trimSilence(recording(9_000, 500, 7_000), RATE);
    expect(trimmed).toHaveLength(500 + 2 * KEPT);
    expect(trimmed.subarray(KEPT, KEPT + 500).every((sample) => sample === Math.fround(0.3))).toBe(
      true,
    );
    expect([trimmed[0], trimmed.at(-1)]).toEqual([0, -0]);
  });

  test('changes nothing of a sentence without silence around it', () => {
    const whole = recording(KEPT - 1, 500, KEPT);
    expect(trimSilence(whole, RATE)).toEqual(whole);
  });

  test('leaves what is soft throughout', () => {
    const soft = recording(5_000, 0, 0);
    expect(trimSilence(soft, RATE)).toEqual(soft);
    expect(trimSilence(waveform(new Float32Array(0)), RATE)).toHaveLength(0);
  });
});

test('a pause is silence before the sentence', () => {
  const sentence = waveform(Float32Array.of(1, 2));
  expect(afterPause(sentence, 3)).toEqual(Float32Array.of(0, 0, 0, 1, 2));
  expect(afterPause(sentence, 0)).toBe(sentence);
});

test('sentences are found in their order, also equal ones', () => {
  expect(placesOf('No. No.  Yes.', ['No.', 'No.', 'Yes.'])).toEqual([
    { from: 0, to: 3 },
    { from: 4, to: 7 },
    { from: 9, to: 13 },
  ]);
  expect(() => placesOf('a b', ['b', 'a'])).toThrow('out of order');
});
