import { expect, test } from 'vitest';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { loadAudioLibrary } from '../../tests/workers/audio-libraries.ts';
import { speechSound } from '../../tests/workers/speech-sound.ts';
import { AudioEncoders } from '../formats/encoders.ts';
import { writeFlacLength } from './flac-length.ts';

const encoders = new AudioEncoders(loadAudioLibrary);

async function flac(samples: Int16Array, sampleRate: number): Promise<Uint8Array<ArrayBuffer>> {
  const open = await encoders.prepare({ format: 'flac', sampleRate, speed: 1 });
  const encoder = open(sampleRate);
  const bytes = joinBytes([encoder.begin(), encoder.write(samples), encoder.end()]);
  encoder.close();
  return bytes;
}

/** Section 8.2 of RFC 9639: 36 bits after sample rate, channels and bits. */
function totalSamples(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return (view.getUint8(21) & 0x0f) * 2 ** 32 + view.getUint32(22);
}

test.each([
  [0, 24_000],
  [1, 24_000],
  [4_096, 24_000],
  [4_097, 11_025],
  [12_388, 48_000],
  // frames whose numbers take two and three bytes
  [131 * 4_096 + 300, 44_100],
  [2_060 * 4_096 + 17, 12_345],
])('a streamed FLAC of %i samples at %i Hz says so', async (count, sampleRate) => {
  const second = speechSound({ sampleRate, seconds: 1 });
  const samples = Int16Array.from({ length: count }, (_, i) => second[i % second.length] ?? 0);
  const bytes = await flac(samples, sampleRate);
  const before = bytes.slice();
  expect(totalSamples(bytes)).toBe(0);
  writeFlacLength(bytes);
  expect(totalSamples(bytes)).toBe(count);
  // and nothing else has changed
  before.set(bytes.subarray(22, 26), 22);
  expect(Buffer.compare(bytes, before)).toBe(0);
});

test('what is no FLAC is refused', async () => {
  expect(() => writeFlacLength(new Uint8Array(100))).toThrow('a FLAC without frames');
  const bytes = await flac(new Int16Array(10), 24_000);
  expect(() => writeFlacLength(bytes.slice(0, 60))).toThrow('a FLAC without frames');
});
