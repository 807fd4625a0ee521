/** Takes a WAV from a response as it comes, to a file or to standard output. */
import { open, rm } from 'node:fs/promises';
import { readWavFormat, wavSizes, type WavFormat } from './wav-stream.ts';

export interface Received {
  readonly audioSeconds: number;
  /** From `beganMs` to the first sample; null when none came. */
  readonly firstAudioMs: number | null;
}

interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  /** Called once, however the stream ended; the format is null when not even a header came. */
  end(format: WavFormat | null, sizeBytes: number): Promise<void>;
}

interface ReceiveOptions {
  readonly sink: Sink;
  /** When the request was made, on the clock of `now`. */
  readonly beganMs: number;
  readonly now: () => number;
  readonly onProgress: (audioSeconds: number) => void;
}

/** Writes every chunk at once; what came before a failure is kept, as a file that plays. */
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
    for await (const chunk of chunks) {
      if (format === null) {
        head = Buffer.concat([head, chunk]);
        format = readWavFormat(head);
      }
      await sink.write(chunk);
      sizeBytes += chunk.byteLength;
      if (audioSeconds() > 0) firstAudioMs ??= now() - beganMs;
      onProgress(audioSeconds());
    }
  } finally {
    await sink.end(format, sizeBytes);
  }
  return { audioSeconds: audioSeconds(), firstAudioMs };
}

/** A file whose header gets its true lengths at the end; one that never got a sample is removed. */
export async function fileSink(path: string): Promise<Sink> {
  const file = await open(path, 'w');
  return {
    async write(bytes) {
      await file.writeFile(bytes);
    },
    async end(format, sizeBytes) {
      const hasAudio = format !== null && sizeBytes > format.dataOffset;
      if (hasAudio) {
        for (const { at, bytes } of wavSizes(format, sizeBytes)) {
          await file.write(bytes, 0, bytes.length, at);
        }
      }
      await file.close();
      if (!hasAudio) await rm(path, { force: true });
    },
  };
}

/** A pipe: bytes leave as they came, lengths stay unknown. */
export function streamSink(stream: NodeJS.WritableStream): Sink {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    end: () => Promise.resolve(),
  };
}
