/** Every encoder in the real runtime, where WebAssembly comes as modules only. */
import { expect, test } from 'vitest';
import { FORMATS, type SampledFormat } from '#shared/audio/formats.ts';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { speechSound } from '../../tests/workers/speech-sound.ts';
import { loadAudioLibrary } from './audio-libraries.ts';
import { AudioEncoders } from './encoders.ts';

const MODEL_RATE = 24_000;
const SPEECH = speechSound({ sampleRate: MODEL_RATE, seconds: 1 });
const encoders = new AudioEncoders(loadAudioLibrary);

async function encode(
  format: SampledFormat,
  speed: number,
  pieceSamples: number,
): Promise<Uint8Array> {
  const sampleRate = FORMATS[format].defaultRate;
  const encoder = (await encoders.prepare({ format, sampleRate, speed }))(MODEL_RATE);
  const bytes = [encoder.begin()];
  for (let at = 0; at < SPEECH.length; at += pieceSamples) {
    bytes.push(encoder.write(SPEECH.slice(at, at + pieceSamples)));
  }
  bytes.push(encoder.end());
  encoder.close();
  return joinBytes(bytes);
}

// kilobits of a second of this sound: what a format promises, with its head
test.each<[SampledFormat, number, number]>([
  ['mp3', 60, 80],
  ['opus', 40, 60],
  ['aac', 50, 90],
  ['flac', 150, 384],
  ['wav', 384, 388],
  ['pcm', 384, 384],
  ['mulaw', 64, 64],
  ['alaw', 64, 64],
])('%s has between %i and %i kbit/s, however it is split', async (format, least, most) => {
  const whole = await encode(format, 1, SPEECH.length);
  const kilobits = (8 * whole.byteLength) / 1_000;
  expect(kilobits).toBeGreaterThanOrEqual(least);
  expect(kilobits).toBeLessThanOrEqual(most);
  expect(await encode(format, 1, 777)).toEqual(whole);
});

test('twice the speed is half the samples', async () => {
  const bytes = await encode('pcm', 2, 777);
  expect(bytes.byteLength / SPEECH.byteLength).toBeCloseTo(0.5, 1.5);
});
