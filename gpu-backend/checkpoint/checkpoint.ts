/** A checkpoint folder as the hub has it: what it says of itself, and its tensors, not read yet. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { CheckpointError } from './checkpoint-error.ts';
import { parseConfig, type BarkConfig } from './config.ts';
import { checkConsistency } from './consistency.ts';
import { openFileBytes, readBytes } from './file-bytes.ts';
import { parseGenerationConfig, type GenerationConfig } from './generation-config.ts';
import { isMissing, readJson, readJsonIfPresent } from './json-file.ts';
import { openSafetensors } from './safetensors.ts';
import { openSharded } from './sharded.ts';
import type { TensorSource } from './tensors.ts';
import { openTorchZip } from './torch-zip.ts';

/** The hub's `vocab.txt` has 1 MB. */
const VOCABULARY_MAX_BYTES = 16 * 1024 * 1024;

/** An open checkpoint; whoever opened it closes `tensors`. */
export interface Checkpoint {
  /** Absolute path. */
  readonly folder: string;
  /** What the model is called: the base name of `_name_or_path` in its config, else the folder's. */
  readonly model: string;
  readonly config: BarkConfig;
  readonly generation: GenerationConfig;
  readonly tensors: TensorSource;
  /** SHA-256 of the bytes of `vocab.txt` in hexadecimal, null if there is none. */
  readonly vocabularySha256: string | null;
}

/** Where tensors may lie, the first that exists is taken. */
const TENSOR_FILES: readonly { file: string; open: (path: string) => Promise<TensorSource> }[] = [
  { file: 'model.safetensors', open: openSafetensors },
  { file: 'model.safetensors.index.json', open: openSharded },
  { file: 'pytorch_model.bin', open: openTorchZip },
];

/**
 * Reads the configs of `folder`, checks that they agree and opens its tensors; throws CheckpointError that
 * names the file at fault. The tensors stay on disk until they are asked for.
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const path = resolve(folder);
  const { config, generation } = await readConfigs(path);
  const vocabularySha256 = await hashIfPresent(join(path, 'vocab.txt'));
  return {
    folder: path,
    model: config.name ?? basename(path),
    config,
    generation,
    tensors: await openTensors(path),
    vocabularySha256,
  };
}

/** Reads both configs of `folder` and checks that they agree; throws CheckpointError that names the file at fault. */
export async function readConfigs(
  folder: string,
): Promise<Pick<Checkpoint, 'config' | 'generation'>> {
  const configFile = join(folder, 'config.json');
  const generationFile = join(folder, 'generation_config.json');
  const config = parseConfig(await readJson(configFile), configFile);
  const generation = parseGenerationConfig(await readJsonIfPresent(generationFile), generationFile);
  checkConsistency(config, generation, generationFile);
  return { config, generation };
}

/** Opens the weights of `folder`, of whatever format; throws CheckpointError where there are none or their header is not sound. */
export async function openTensors(folder: string): Promise<TensorSource> {
  for (const { file, open } of TENSOR_FILES) {
    const path = join(folder, file);
    if (await exists(path)) return await open(path);
  }
  const names = TENSOR_FILES.map(({ file }) => file).join(', ');
  throw new CheckpointError(
    `${folder} has no weights; looked for ${names}. Copy one of them there.`,
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw new CheckpointError(
      `${path} could not be looked at; check its permissions and where it links to.`,
      error,
    );
  }
}

async function hashIfPresent(path: string): Promise<string | null> {
  if (!(await exists(path))) return null;
  const file = await openFileBytes(path);
  try {
    if (file.sizeBytes > VOCABULARY_MAX_BYTES) {
      throw new CheckpointError(
        `${path} has ${file.sizeBytes} bytes; a vocabulary has at most ${VOCABULARY_MAX_BYTES}. Download it again.`,
      );
    }
    const bytes = new Uint8Array(file.sizeBytes);
    await readBytes(file, bytes, 0);
    return createHash('sha256').update(bytes).digest('hex');
  } finally {
    await file.handle.close();
  }
}
