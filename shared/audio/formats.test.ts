import { describe, expect, test } from 'vitest';
import { DEFAULT_FORMAT, FORMATS, hasRate, isFormatName, type AudioFormat } from './formats.ts';

describe.each(Object.entries<AudioFormat>(FORMATS))('%s', (name, format) => {
  test('is known by its name and has its own default rate', () => {
    expect(isFormatName(name)).toBe(true);
    expect(hasRate(format, format.defaultRate)).toBe(true);
  });

  test('has no rate beyond the bounds, and none in between two samples', () => {
    for (const rate of [7_999, 48_001, 16_000.5, Number.NaN]) {
      expect(hasRate(format, rate)).toBe(false);
    }
    // codes are at the model's rate, whatever is wished
    const isSampled = name !== 'codes';
    for (const rate of [8_000, 48_000]) expect(hasRate(format, rate)).toBe(isSampled);
  });

  test('says its rate where the bytes do not', () => {
    const says = format.mediaType(16_000).includes('rate=16000');
    expect(says).toBe(['pcm', 'mulaw', 'alaw'].includes(name));
  });
});

test('a format of any rate has every one, a format with a table has no other', () => {
  expect(hasRate(FORMATS.flac, 12_345)).toBe(true);
  expect(hasRate(FORMATS.opus, 44_100)).toBe(false);
  expect(hasRate(FORMATS.mp3, 44_100)).toBe(true);
});

test('the default is a format, and a property of every object is none', () => {
  expect(isFormatName(DEFAULT_FORMAT)).toBe(true);
  expect(isFormatName('toString')).toBe(false);
});
