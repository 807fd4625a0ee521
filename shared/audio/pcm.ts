/** Helpers for s16le mono samples. Every machine that runs this is little endian, as the wire is. */

import type { Encoder } from './encoder.ts';

export const BYTES_PER_SAMPLE = 2;

/** Samples of little-endian bytes: a view where the alignment allows it, else a copy. */
export function samplesFromBytes(bytes: Uint8Array): Int16Array {
  if (bytes.byteLength % BYTES_PER_SAMPLE !== 0) {
    throw new RangeError(`16-bit samples need an even number of bytes, not ${bytes.byteLength}.`);
  }
  const aligned = bytes.byteOffset % BYTES_PER_SAMPLE === 0 ? bytes : bytes.slice();
  return new Int16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / BYTES_PER_SAMPLE);
}

/** The little-endian bytes of samples: a view, so it lives and changes with them. */
export function bytesFromSamples(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** Nothing to hear, for so long. */
export function silence(durationMs: number, sampleRate: number): Int16Array {
  return new Int16Array(Math.round((durationMs * sampleRate) / 1_000));
}

/** PCM as it is, without a container. */
export function pcmEncoder(): Encoder {
  return { write: bytesFromSamples, end: () => new Uint8Array(0) };
}
