/** The file that decodes a checkpoint's codes, made in a thread of its own. */
import { Worker } from 'node:worker_threads';

/** It is tens of megabytes, and a disk may be slow. */
const DECODER_TIMEOUT_MS = 60_000;

/** Of the checkpoint in `folder`; rejects with what is wrong with it. */
export async function makeDecoderFile(folder: string): Promise<Uint8Array> {
  const worker = new Worker(new URL('./decoder-thread.ts', import.meta.url), {
    workerData: folder,
  });
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const timer = setTimeout(
    () => reject(new Error(`The decoder was not made within ${DECODER_TIMEOUT_MS / 1_000} s.`)),
    DECODER_TIMEOUT_MS,
  );
  worker.once('message', (file: Uint8Array) => resolve(file));
  worker.once('error', reject);
  worker.once('exit', (code) => reject(new Error(`The thread ended with code ${code}.`)));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
