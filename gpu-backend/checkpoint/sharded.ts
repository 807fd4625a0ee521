/** A checkpoint in several safetensors files, tied together by `model.safetensors.index.json`. */
import { dirname, join } from 'node:path';
import { z } from 'zod/mini';
import { CheckpointError } from './checkpoint-error.ts';
import { checkFields, fields } from './fields.ts';
import { readJson } from './json-file.ts';
import { openSafetensors } from './safetensors.ts';
import { missingTensor, type TensorSource } from './tensors.ts';

/** Most files of one checkpoint; the largest Bark would be saved as one or two. */
const SHARDS_MAX = 64;

const indexSchema = fields({
  weight_map: z.record(
    z.string(),
    z
      .string('must name a file')
      .check(
        z.regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*\.safetensors$/, 'must name a .safetensors file'),
      ),
    'must map tensors to files',
  ),
});

/** Opens all shards of an index; throws CheckpointError if one is absent or lacks a tensor that it should hold. */
export async function openSharded(indexPath: string): Promise<TensorSource> {
  const { weight_map } = checkFields(indexSchema, await readJson(indexPath), indexPath);
  const files = new Set(Object.values(weight_map));
  if (files.size === 0 || files.size > SHARDS_MAX) {
    throw new CheckpointError(
      `${indexPath} names ${files.size} files; it must name 1..${SHARDS_MAX}.`,
    );
  }
  const opened = new Map<string, TensorSource>();
  const close = async (): Promise<void> => {
    await Promise.all(Array.from(opened.values(), (shard) => shard.close()));
  };
  try {
    for (const file of files) {
      opened.set(file, await openSafetensors(join(dirname(indexPath), file)));
    }
    return { ...uniteShards(opened, weight_map, indexPath), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function uniteShards(
  opened: ReadonlyMap<string, TensorSource>,
  weightMap: Readonly<Record<string, string>>,
  indexPath: string,
): Omit<TensorSource, 'close'> {
  const shards = new Map<string, TensorSource>();
  for (const shard of opened.values()) {
    for (const name of shard.names()) {
      if (opened.get(weightMap[name] ?? '') === shard) shards.set(name, shard);
    }
  }
  const find = (name: string): TensorSource => {
    const shard = shards.get(name);
    if (shard === undefined) throw missingTensor(name, indexPath);
    return shard;
  };
  return {
    path: indexPath,
    files: Array.from(opened.values(), ({ path }) => path).toSorted(),
    names: () => shards.keys(),
    has: (name) => shards.has(name),
    info: (name) => find(name).info(name),
    read: async (name) => await find(name).read(name),
    readStored: async (name) => await find(name).readStored(name),
  };
}
