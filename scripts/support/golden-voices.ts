/** The voices that goldens name: suno's `.npz` tree, or the checkpoint's own arrays in the hub's layout. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readVoiceNpys, readVoiceNpz } from '#shared/bark/voice-file.ts';
import type { Voice } from '#shared/bark/voice.ts';

/** Looks in `voices` if given, else beside the golden folder, else in the checkpoint. */
export function goldenVoices(
  voices: string | undefined,
  folder: string,
  checkpointFolder: string,
): (name: string) => Promise<Voice> {
  const trees =
    voices === undefined ? [join(folder, 'voices'), join(folder, '..', 'voices')] : [voices];
  return async (name) => {
    const archive = trees.map((tree) => join(tree, `${name}.npz`)).find((file) => existsSync(file));
    if (archive !== undefined) return readVoiceNpz(await readFile(archive));
    const read = (key: string): Promise<Uint8Array> =>
      readFile(join(checkpointFolder, 'speaker_embeddings', `${name}_${key}.npy`));
    return readVoiceNpys({
      semantic_prompt: await read('semantic_prompt'),
      coarse_prompt: await read('coarse_prompt'),
      fine_prompt: await read('fine_prompt'),
    });
  };
}
