/** Speech as a WAV: into a file that appears when it is whole, or onto a stream as it is made. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WAV_HEADER_BYTES, wavHeader } from '#shared/audio/wav.ts';
import { isCode } from '../../hub/hub-error.ts';
import { CliError } from '../cli-error.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface WavOutput {
  /** Appends s16le samples. */
  write(pcm: Uint8Array): Promise<void>;
  /** All has been said: the file gets its name. */
  finish(): Promise<void>;
  /** Leaves nothing behind unless it was finished. */
  close(): Promise<void>;
}

/** `-` is the standard output, whose WAV does not tell its length. */
export async function openWavOutput(
  target: string,
  sampleRate: number,
  { out }: Terminal,
): Promise<WavOutput> {
  if (target !== '-') return await openFile(target, sampleRate);
  await out(wavHeader(sampleRate, null));
  return { write: out, finish: async () => {}, close: async () => {} };
}

async function openFile(target: string, sampleRate: number): Promise<WavOutput> {
  const temporary = join(dirname(target), `.${randomUUID()}.partial`);
  const file = await open(temporary, 'wx').catch((error: unknown) => {
    throw isCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EROFS')
      ? new CliError(`${target} can not be written: its folder is not there or not writable.`)
      : error;
  });
  let sizeBytes = 0;
  await file.write(wavHeader(sampleRate, null), 0, WAV_HEADER_BYTES, 0);
  return {
    async write(pcm) {
      await file.write(pcm, 0, pcm.byteLength, WAV_HEADER_BYTES + sizeBytes);
      sizeBytes += pcm.byteLength;
    },
    async finish() {
      await file.write(wavHeader(sampleRate, sizeBytes / 2), 0, WAV_HEADER_BYTES, 0);
      await rename(temporary, target);
    },
    async close() {
      await file.close();
      await rm(temporary, { force: true });
    },
  };
}
