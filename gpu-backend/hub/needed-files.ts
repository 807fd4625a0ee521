/** Which files of a Bark repository are needed to speak, and which are passed over. */
import { HubError } from './hub-error.ts';

/** Without these nothing can be loaded. */
const REQUIRED = ['config.json'];

/** Taken where they are there: sampling, vocabulary and tokenizer, the index of the voices. */
const OPTIONAL = [
  'generation_config.json',
  'vocab.txt',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'speaker_embeddings_path.json',
];

const VOICE = /^speaker_embeddings\/.+\.npy$/;
const SHARD = /^model-\d{5}-of-\d{5}\.safetensors$/;
const SHARD_INDEX = 'model.safetensors.index.json';

/** Whether a file belongs to a checkpoint's folder beside its weights. */
export function isCompanion(path: string): boolean {
  return REQUIRED.includes(path) || OPTIONAL.includes(path) || VOICE.test(path);
}

/**
 * Of all paths of a repository those that are needed; of several formats of the weights one. Throws
 * HubError, naming `what`, where no config or no weights are among them.
 */
export function neededFiles(paths: readonly string[], what: string): string[] {
  const lacking = REQUIRED.filter((path) => !paths.includes(path));
  if (lacking.length > 0) {
    throw new HubError(
      `${what} has no ${lacking.join(', ')}; give a repository with Bark in the layout of transformers, for example suno/bark-small.`,
    );
  }
  return [...paths.filter(isCompanion), ...weightFiles(paths, what)];
}

function weightFiles(paths: readonly string[], what: string): string[] {
  if (paths.includes('model.safetensors')) return ['model.safetensors'];
  if (paths.includes(SHARD_INDEX)) {
    return [SHARD_INDEX, ...paths.filter((path) => SHARD.test(path))];
  }
  if (paths.includes('pytorch_model.bin')) return ['pytorch_model.bin'];
  throw new HubError(
    `${what} has no weights that can be read (model.safetensors, its shards with an index, or pytorch_model.bin); Suno's own .pt files are not among them.`,
  );
}
