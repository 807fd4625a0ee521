/** A checkpoint of any supported format into a new folder in the hub's layout, its weights as one safetensors file. */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CheckpointError } from '../../checkpoint/checkpoint-error.ts';
import { openCheckpoint } from '../../checkpoint/checkpoint.ts';
import { int8Quantization } from '../../checkpoint/quantization.ts';
import { isMissing, readJson } from '../../checkpoint/json-file.ts';
import { isCompanion } from '../../hub/needed-files.ts';
import { realPathInside } from '../../processor/inside-folder.ts';
import { storedBytes } from './stored-bytes.ts';
import { NOT_ROUNDED, planTensors, type StoredPrecision } from './tensor-plan.ts';
import { sizeOfTensors, writeStreaming } from './write-streaming.ts';

/** Where voices lie, in the layouts that are known. */
const VOICE_FOLDERS = ['speaker_embeddings', 'voices', 'assets/prompts', 'prompts'];

/** What the reference computes in. */
const DTYPE_NAMES: Readonly<Record<StoredPrecision, string>> = {
  int8: 'float32',
  fp32: 'float32',
  fp16: 'float16',
  bf16: 'bfloat16',
};

export interface Conversion {
  readonly from: string;
  /** Must not exist yet, or be empty. */
  readonly to: string;
  readonly precision: StoredPrecision;
  readonly inferenceOnly: boolean;
  readonly onBytes: (writtenBytes: number, totalBytes: number) => void;
}

export interface Converted {
  readonly folder: string;
  readonly tensors: number;
  readonly weightBytes: number;
  /** Configs, vocabulary and voices that came along. */
  readonly copiedFiles: number;
}

/** Converts; the folder is there whole or not at all. Throws CheckpointError naming what is wrong. */
export async function convertCheckpoint(
  { from, to, precision, inferenceOnly, onBytes }: Conversion,
  signal: AbortSignal,
): Promise<Converted> {
  const target = resolve(to);
  await assertFree(target);
  const checkpoint = await openCheckpoint(from);
  const fresh = join(dirname(target), `.${randomUUID()}.partial`);
  try {
    const { tensors, config, generation } = checkpoint;
    const codebooks = generation.fine.fineCodebooks;
    const planned = planTensors(tensors, config, { precision, inferenceOnly, codebooks });
    const totalBytes = sizeOfTensors(planned);
    await mkdir(fresh, { recursive: true });
    await writeStreaming(
      {
        path: join(fresh, 'model.safetensors'),
        tensors: planned,
        bytesOf: (tensor) => storedBytes(tensors, tensor),
        onBytes: (written) => onBytes(written, totalBytes),
      },
      signal,
    );
    const config_ = withPrecision(
      await readJson(join(checkpoint.folder, 'config.json')),
      precision,
    );
    await writeFile(join(fresh, 'config.json'), `${JSON.stringify(config_, null, 2)}\n`);
    const companions = await companionsOf(checkpoint.folder);
    for (const path of companions) {
      signal.throwIfAborted();
      const real = await realPathInside(checkpoint.folder, path);
      if (real === null) continue;
      await mkdir(dirname(join(fresh, path)), { recursive: true });
      await copyFile(real, join(fresh, path));
    }
    await rename(fresh, target);
    return {
      folder: target,
      tensors: planned.length,
      weightBytes: totalBytes,
      copiedFiles: companions.length + 1,
    };
  } finally {
    await checkpoint.tensors.close();
    await rm(fresh, { recursive: true, force: true });
  }
}

async function assertFree(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    if (isMissing(error)) return;
    throw new CheckpointError(`${folder} is not a folder; give another one with -o.`, error);
  }
  throw new CheckpointError(
    `${folder} holds files already; give an empty or a new folder with -o.`,
  );
}

/** The same config, saying everywhere how the weights are stored now. */
function withPrecision(config: unknown, precision: StoredPrecision): unknown {
  const dtype = DTYPE_NAMES[precision];
  const change = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(change);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, inner]) => {
      const isDtype = (key === 'torch_dtype' || key === 'dtype') && typeof inner === 'string';
      return [key, isDtype ? dtype : change(inner)];
    });
    return Object.fromEntries(entries);
  };
  const changed = change(config);
  const isTold = typeof changed === 'object' && changed !== null && 'dtype' in changed;
  // a field that is undefined is not written
  const quantization_config = precision === 'int8' ? int8Quantization(NOT_ROUNDED) : undefined;
  return Object.assign({}, changed, isTold ? {} : { torch_dtype: dtype }, { quantization_config });
}

/** Everything beside config and weights, relative, with `/`. */
async function companionsOf(folder: string): Promise<string[]> {
  const paths = (await readdir(folder)).filter(
    (name) => isCompanion(name) && name !== 'config.json',
  );
  for (const root of VOICE_FOLDERS) {
    if ((await stat(join(folder, root)).catch(() => undefined))?.isDirectory() !== true) continue;
    paths.push(...(await voiceFiles(folder, root)));
  }
  return paths;
}

async function voiceFiles(folder: string, below: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = `${below}/${entry.name}`;
    if (entry.isDirectory()) paths.push(...(await voiceFiles(folder, path)));
    else if (/\.np[yz]$/.test(entry.name)) paths.push(path);
  }
  return paths;
}
