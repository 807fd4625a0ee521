/** Takes a WAV from a response as it comes, to a file or to standard output. */
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readWavFormat, wavSizes, type WavFormat } from './wav-stream.ts';

export interface Received {
  readonly audioSeconds: number;
  /** From `beganMs` to the first sample. */
  readonly firstAudioMs: number;
}

export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  /** All has come. */
  finish(format: WavFormat | null, sizeBytes: number): Promise<void>;
  /** No more will come; answers where what came is kept, null where nothing is. Does nothing after `finish`. */
  abandon(format: WavFormat | null, sizeBytes: number): Promise<string | null>;
}

interface ReceiveOptions {
  readonly sink: Sink;
  /** When the request was made, on the clock of `now`. */
  readonly beganMs: number;
  readonly now: () => number;
  readonly onProgress: (audioSeconds: number) => void;
}

/** Writes every chunk at once; throws a sentence that tells what came and where it is when the rest does not. */
export async function receiveWav(
  chunks: AsyncIterable<Uint8Array>,
  { sink, beganMs, now, onProgress }: ReceiveOptions,
): Promise<Received> {
  let head: Uint8Array = new Uint8Array(0);
  let format: WavFormat | null = null;
  let sizeBytes = 0;
  let firstAudioMs: number | null = null;
  const audioSeconds = (): number =>
    format === null ? 0 : Math.max(0, sizeBytes - format.dataOffset) / format.bytesPerSecond;
  try {
    for await (const chunk of unlessBrokenOff(chunks)) {
      if (format === null) {
        head = Buffer.concat([head, chunk]);
        format = readWavFormat(head);
      }
      await sink.write(chunk);
      sizeBytes += chunk.byteLength;
      if (audioSeconds() > 0) firstAudioMs ??= now() - beganMs;
      onProgress(audioSeconds());
    }
    if (firstAudioMs === null) throw new Error('The server sent no audio.');
    await sink.finish(format, sizeBytes);
    return { audioSeconds: audioSeconds(), firstAudioMs };
  } catch (error) {
    const kept = await sink.abandon(format, sizeBytes);
    if (!(error instanceof BrokenOff)) throw error;
    const came =
      firstAudioMs === null
        ? 'before the first audio'
        : `after ${audioSeconds().toFixed(2)} s of audio`;
    throw new Error(
      `The server broke off ${came}; its log says why.${kept === null ? '' : ` What came is in ${kept}.`}`,
      { cause: error },
    );
  }
}

/** The other side's failure, as distinct from one of writing. */
class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
}

async function* unlessBrokenOff(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (cause) {
    throw new BrokenOff('broken off', { cause });
  }
}

/**
 * A file whose header gets its true lengths at the end. Until then it is `<path>.part`: what was at
 * `path` stays until there is something whole to take its place.
 */
export async function fileSink(path: string): Promise<Sink> {
  const target = await targetOf(path);
  if (target.isDevice) return streamSink((await opened(path, path)).createWriteStream());
  const part = `${target.path}.part`;
  const file = await opened(part, path);
  let isOver = false;
  const close = async (format: WavFormat | null, sizeBytes: number): Promise<boolean> => {
    isOver = true;
    const hasAudio = format !== null && sizeBytes > format.dataOffset;
    if (hasAudio) {
      for (const { at, bytes } of wavSizes(format, sizeBytes)) {
        await file.write(bytes, 0, bytes.length, at);
      }
    }
    await file.close();
    if (!hasAudio) await rm(part, { force: true });
    return hasAudio;
  };
  return {
    async write(bytes) {
      await file.writeFile(bytes);
    },
    async finish(format, sizeBytes) {
      if (await close(format, sizeBytes)) await rename(part, target.path);
    },
    async abandon(format, sizeBytes) {
      if (isOver) return null;
      return (await close(format, sizeBytes)) ? part : null;
    },
  };
}

/** What is to be written: behind a link the file itself; a device or pipe is not to be replaced. */
async function targetOf(path: string): Promise<{ path: string; isDevice: boolean }> {
  const real = await realpath(path).catch(() => null);
  if (real === null) return { path, isDevice: false };
  const found = await stat(real);
  if (found.isDirectory()) throw new Error(`-o ${path} is a folder; name a file in it.`);
  return { path: real, isDevice: !found.isFile() };
}

async function opened(path: string, asked: string) {
  try {
    return await open(path, 'w');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const why =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `there is no folder ${dirname(asked)}; make it first, or name a file elsewhere`
        : `${String(code)}; name a file in a folder that is yours to write`;
    throw new Error(`-o ${asked} can not be written: ${why}.`, { cause });
  }
}

/** A pipe: bytes leave as they came, lengths stay unknown. */
export function streamSink(stream: NodeJS.WritableStream): Sink {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    finish: () => Promise.resolve(),
    abandon: () => Promise.resolve(null),
  };
}
