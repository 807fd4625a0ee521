/** Samples to files. */
import { writeFile } from 'node:fs/promises';
import { wavHeader } from '#shared/audio/wav.ts';
import { readWav as read, WavFileError } from '#shared/audio/wav-file.ts';
import { encodePcm } from '../server/pcm.ts';
import { assertPath, bytesOf, described, samplesOf } from './arguments.ts';
import { BarkError } from './bark-error.ts';
import { RECORDING_MAX_SECONDS } from './recording-encoder.ts';

/** A recording as it was read. */
export interface Recording {
  /** Mono, [samples], nominally -1..1; of several channels the mean. */
  readonly samples: Float32Array;
  /** Samples a second, in Hz. */
  readonly sampleRate: number;
}

/**
 * Reads the bytes of a WAV file: PCM of 8 to 32 bits or floats, any number of channels, to mono samples [n], nominally
 * -1..1, at the file's own rate in Hz, at most 10 minutes. Throws BarkError with the file's fault.
 */
export function readWav(bytes: Uint8Array): Recording {
  const file = bytesOf('bytes', bytes);
  try {
    return read(file, { maxSeconds: RECORDING_MAX_SECONDS });
  } catch (cause) {
    if (!(cause instanceof WavFileError)) throw cause;
    throw new BarkError(cause.message, 'ValueError', cause);
  }
}

/** What a RIFF file can tell of its length: below 4 GiB. */
const SAMPLES_MAX = 2 ** 31 - 64;
const RATE_MAX = 768_000;

/**
 * A WAV file, 16-bit mono PCM: samples [n], nominally -1..1, beyond which they are clamped, NaN is silent. `sampleRate`
 * in Hz, 1..768 000. Throws BarkError for samples that are no Float32Array, more than 2^31 - 64, and other rates.
 */
export function encodeWav(samples: Float32Array, sampleRate: number): Uint8Array<ArrayBuffer> {
  const sound = samplesOf('samples', samples, SAMPLES_MAX);
  if (!Number.isInteger(sampleRate) || sampleRate < 1 || sampleRate > RATE_MAX) {
    throw new BarkError(
      `sampleRate must be an integer in 1..${RATE_MAX} Hz; it is ${described(sampleRate)}.`,
      'ValueError',
    );
  }
  const header = wavHeader(sampleRate, sound.length);
  const pcm = encodePcm(sound);
  const file = new Uint8Array(header.length + pcm.length);
  file.set(header);
  file.set(pcm, header.length);
  return file;
}

/**
 * Writes a WAV file, 16-bit mono PCM, replacing one that is there: samples [n], nominally -1..1, `sampleRate` in Hz.
 * Throws BarkError as `encodeWav` does, and for a path that can not be written.
 */
export async function saveWav(
  path: string,
  samples: Float32Array,
  sampleRate: number,
): Promise<void> {
  assertPath('path', path);
  const wav = encodeWav(samples, sampleRate);
  try {
    await writeFile(path, wav);
  } catch (cause) {
    throw new BarkError(
      `${path} can not be written; give a file in a folder that is there and writable.`,
      null,
      cause,
    );
  }
}
