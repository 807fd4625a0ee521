/** Samples to files. */
import { writeFile } from 'node:fs/promises';
import { wavHeader } from '#shared/audio/wav.ts';
import { encodePcm } from '../server/pcm.ts';

/** A WAV file, 16-bit mono PCM: samples beyond -1..1 are clamped, NaN is silent. `sampleRate` in Hz. */
export function encodeWav(samples: Float32Array, sampleRate: number): Uint8Array<ArrayBuffer> {
  const header = wavHeader(sampleRate, samples.length);
  const pcm = encodePcm(samples);
  const file = new Uint8Array(header.length + pcm.length);
  file.set(header);
  file.set(pcm, header.length);
  return file;
}

/** Writes a WAV file, 16-bit mono PCM, replacing one that is there. `sampleRate` in Hz. */
export async function saveWav(
  path: string,
  samples: Float32Array,
  sampleRate: number,
): Promise<void> {
  await writeFile(path, encodeWav(samples, sampleRate));
}
