import { expect, test } from 'vitest';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { readWav } from '#shared/audio/wav-file.ts';
import { wavEncoder } from '#shared/audio/wav.ts';
import { writeWavSizes } from './wav-size.ts';

function streamedWav(samples: Int16Array): Uint8Array<ArrayBuffer> {
  const encoder = wavEncoder(24_000);
  const parts = [encoder.begin(), encoder.keepAlive(), encoder.write(samples), encoder.end()];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

test('a streamed WAV gets its true sizes', () => {
  const samples = Int16Array.from({ length: 1_000 }, (_, i) => i * 30);
  const bytes = streamedWav(samples);
  writeWavSizes(bytes);
  const view = new DataView(bytes.buffer);
  expect(view.getUint32(4, true)).toBe(bytes.byteLength - 8);
  expect(view.getUint32(bytes.byteLength - 2_004, true)).toBe(2_000);
  expect(readWav(bytes).sampleRate).toBe(24_000);
});

test('what is no WAV is refused', () => {
  expect(() => writeWavSizes(streamedWav(new Int16Array(4)).slice(0, 40))).toThrow('data chunk');
});

test('of G.711 also gets its number of samples', () => {
  const encoder = wavEncoder(8_000, 'mulaw');
  const parts = [encoder.begin(), encoder.write(new Int16Array(1_001)), encoder.end()];
  const bytes = joinBytes(parts);
  writeWavSizes(bytes);
  const view = new DataView(bytes.buffer);
  const factAt = new TextDecoder('latin1').decode(bytes).indexOf('fact');
  expect(view.getUint32(factAt + 8, true)).toBe(1_001);
  expect(view.getUint32(bytes.byteLength - 1_005, true)).toBe(1_001);
});
