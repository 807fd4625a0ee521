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

/**
 * Samples held back so that `keepAlive` has something to send, one at a time: 12.5 ms at 24 000 a
 * second, enough for five minutes between two sentences.
 */
export const KEEP_ALIVE_SAMPLES = 300;

/** PCM as it is, without a container; before the first sample there is nothing to keep a line alive with. */
export function pcmEncoder(): Encoder {
  let held = new Int16Array(0);
  return {
    begin: () => new Uint8Array(0),
    write(pcm) {
      const all = new Int16Array(held.length + pcm.length);
      all.set(held);
      all.set(pcm, held.length);
      const free = Math.max(0, all.length - KEEP_ALIVE_SAMPLES);
      held = all.slice(free);
      return bytesFromSamples(all.subarray(0, free));
    },
    keepAlive() {
      const one = held.subarray(0, 1);
      held = held.subarray(1);
      return bytesFromSamples(one);
    },
    end() {
      const rest = held;
      held = new Int16Array(0);
      return bytesFromSamples(rest);
    },
    close: () => undefined,
  };
}
