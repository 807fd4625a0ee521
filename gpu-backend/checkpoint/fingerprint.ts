/** A name for the weights of a checkpoint by what is in them, in some 50 ms: it is no proof against forgery. */
import { createHash, type Hash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Checkpoint } from './checkpoint.ts';
import { openFileBytes, readBytes } from './file-bytes.ts';
import { readJsonIfPresent } from './json-file.ts';

/** Samples of a file, evenly spread, first and last bytes included. */
const SAMPLES = 1_024;
const SAMPLE_BYTES = 256;

/**
 * SHA-256 in hexadecimal over both configs, every tensor's name, type and shape, and of every weights file its size and
 * 1 024 samples of 256 bytes. Weights that were trained on, rounded or swapped have another; so has the same checkpoint
 * in another format. Throws CheckpointError where a file can not be read.
 */
export async function checkpointFingerprint({
  folder,
  tensors,
}: Pick<Checkpoint, 'folder' | 'tensors'>): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['config.json', 'generation_config.json']) {
    addJson(hash, [file, (await readJsonIfPresent(join(folder, file))) ?? null]);
  }
  for (const name of Array.from(tensors.names()).toSorted()) {
    const { dtype, shape } = tensors.info(name);
    addJson(hash, [name, dtype, shape]);
  }
  for (const path of tensors.files) await addSamples(hash, path);
  return hash.digest('hex');
}

/** A line, so that no two lists read the same. */
function addJson(hash: Hash, value: unknown): void {
  hash.update(`${JSON.stringify(value)}\n`);
}

async function addSamples(hash: Hash, path: string): Promise<void> {
  const file = await openFileBytes(path);
  try {
    addJson(hash, [basename(path), file.sizeBytes]);
    const sample = new Uint8Array(Math.min(SAMPLE_BYTES, file.sizeBytes));
    const last = file.sizeBytes - sample.length;
    for (let i = 0; i < SAMPLES; i += 1) {
      await readBytes(file, sample, Math.floor((last * i) / (SAMPLES - 1)));
      hash.update(sample);
    }
  } finally {
    await file.handle.close();
  }
}
