import { describe, expect, test } from 'vitest';
import { aLawEncoder, muLawEncoder } from '#shared/audio/g711.ts';
import type { Encoder } from '#shared/audio/encoder.ts';
import { pcmEncoder } from '#shared/audio/pcm.ts';
import { wavEncoder } from '#shared/audio/wav.ts';
import { plainSamples, type PlainFormat } from './plain-samples.ts';

const SAMPLES = Int16Array.from({ length: 5_001 }, (_, i) => 32_000 * Math.sin(i / 9));

function encoded(encoder: Encoder): Uint8Array<ArrayBuffer> {
  const parts = [encoder.begin(), encoder.keepAlive(), encoder.write(SAMPLES), encoder.end()];
  return new Uint8Array(Buffer.concat(parts));
}

async function read(
  format: PlainFormat,
  bytes: Uint8Array<ArrayBuffer>,
  step: number,
): Promise<number[]> {
  const parts = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += step) {
        controller.enqueue(bytes.slice(at, at + step));
      }
      controller.close();
    },
  });
  const heard: number[] = [];
  for await (const piece of parts.pipeThrough(plainSamples(format))) heard.push(...piece);
  return heard;
}

describe.each([
  ['pcm', pcmEncoder(), 1e-9],
  ['wav', wavEncoder(24_000), 1e-9],
  ['mulaw', muLawEncoder(), 0.02],
  ['alaw', aLawEncoder(), 0.02],
] as const)('%s', (format, encoder, error) => {
  const bytes = encoded(encoder);

  test.each([1, 7, 333, 100_000])(
    'is read to its last sample in pieces of %i bytes',
    async (step) => {
      const heard = await read(format, bytes, step);
      expect(heard).toHaveLength(SAMPLES.length);
      const worst = Math.max(...heard.map((one, i) => Math.abs(one - (SAMPLES[i] ?? 0) / 32_768)));
      expect(worst).toBeLessThan(error);
    },
  );
});
