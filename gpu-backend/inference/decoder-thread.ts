/** A thread that makes the file of a checkpoint's decoder and ends: its memory goes with it, and nobody's sound waits. */
import { parentPort, workerData } from 'node:worker_threads';
import { readDecoderFile } from '../models/decoder-file.ts';

if (parentPort === null) throw new Error('decoder-thread.ts runs as a worker thread.');
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- who starts this thread gives a folder
const file = Uint8Array.from(await readDecoderFile(workerData as string));
parentPort.postMessage(file, [file.buffer]);
