import { expect, test } from 'vitest';
import { MAX_RATE } from '#shared/audio/formats.ts';
import { SpeechFault } from '#shared/errors.ts';
import { assertFits, MAX_FILE_CHARACTERS } from './file-size.ts';

/** English letters, with as many spaces as English has. */
const text = (characters: number): string =>
  'hello '.repeat(characters / 6 + 1).slice(0, characters);

test.each(['mp3', 'opus', 'aac'] as const)('the longest text fits as %s', (format) => {
  const shape = { format, sampleRate: 24_000, speed: 1 };
  expect(() => assertFits(text(MAX_FILE_CHARACTERS), shape)).not.toThrow();
});

test('what one request takes fits in every shape at the usual speed', () => {
  for (const format of ['flac', 'wav', 'pcm'] as const) {
    const shape = { format, sampleRate: MAX_RATE, speed: 1 };
    expect(() => assertFits(text(4_096), shape)).not.toThrow();
  }
});

test('G.711 in a WAV is half as large, and slow speech longer', () => {
  const shape = { format: 'wav', sampleRate: 8_000, speed: 1 } as const;
  expect(() => assertFits(text(32_000), { ...shape, encoding: 'mulaw' })).not.toThrow();
  expect(() => assertFits(text(32_000), shape)).toThrow(SpeechFault);
  expect(() => assertFits(text(32_000), { ...shape, encoding: 'mulaw', speed: 0.5 })).toThrow(
    'As wav this text would have about 41 MB, and a URL plays at most 33; ask for opus or mp3',
  );
});
