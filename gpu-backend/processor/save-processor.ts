/** Writes a processor in the layout of the hub: tokenizer, index, and three `.npy` files a voice. */
import { mkdir } from 'node:fs/promises';
import { VOICE_KEYS } from '#shared/bark/voice.ts';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { assertRelative, assertVoiceName, writeInside } from './inside-folder.ts';
import { type TokenizerFiles, jsonFile } from './tokenizer-files.ts';
import { arraysOf } from './voice-arrays.ts';
import { ROOT_KEY, type VoicePresets, loadVoicePreset } from './voice-presets.ts';
import { encodeInt64Npy } from './write-npy.ts';

export interface SavePlace {
  /** Made if it does not exist. */
  readonly folder: string;
  /** Path of the index below the folder. */
  readonly indexPath: string;
  /** Path below the folder, where the arrays go. */
  readonly arraysFolder: string;
}

/** Reads all presets, then writes everything; throws ProcessorError before the first file if a name or path is unfit. */
export async function saveProcessor(
  tokenizer: TokenizerFiles,
  presets: VoicePresets | null,
  { folder, indexPath, arraysFolder }: SavePlace,
): Promise<void> {
  assertRelative(indexPath);
  assertRelative(arraysFolder);
  const files = new Map(tokenizer.files);
  const hasPresets = presets !== null && (presets.hasIndex || presets.entries.size > 0);
  const index = hasPresets ? await addPresets(presets, files, folder, arraysFolder) : null;
  if (index !== null) files.set(indexPath, jsonFile(index));
  files.set(
    'processor_config.json',
    jsonFile({
      processor_class: 'BarkProcessor',
      ...(index !== null && { speaker_embeddings: index }),
    }),
  );
  await makeFolder(folder);
  for (const [path, bytes] of files) await writeInside(folder, path, bytes);
}

/** Adds the arrays of every preset to what is written; the index of them. */
async function addPresets(
  presets: VoicePresets,
  files: Map<string, Uint8Array>,
  folder: string,
  arraysFolder: string,
): Promise<object> {
  for (const name of presets.entries.keys()) assertVoiceName(name);
  // transformers puts there whatever folder it loads from, and needs it to be there
  const index = new Map<string, unknown>([[ROOT_KEY, folder]]);
  for (const name of presets.entries.keys()) {
    const arrays = arraysOf(await loadVoicePreset(presets, name));
    const paths = new Map<string, string>();
    for (const key of VOICE_KEYS) {
      const path = `${arraysFolder}/${name}_${key}.npy`;
      const { shape, data } = arrays[key];
      files.set(
        path,
        encodeInt64Npy(shape, Uint16Array.from(data, Number), key === 'coarse_prompt'),
      );
      paths.set(key, path);
    }
    index.set(name, Object.fromEntries(paths));
  }
  return Object.fromEntries(index);
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new CheckpointError(
      `${folder} could not be made; give a folder that can be written to.`,
      error,
    );
  }
}
