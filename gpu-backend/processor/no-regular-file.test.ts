import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { BarkProcessor, INDEX_FILE } from './processor.ts';
import { readTokenizer } from './tokenizer-files.ts';

const TINY = join(import.meta.dirname, '../../models/bark-tiny');
const VOICE = 'v2/en_speaker_0';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'processor-'));
  await cp(TINY, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function putPipe(name: string): Promise<void> {
  await rm(join(folder, name), { force: true });
  execFileSync('mkfifo', [join(folder, name)]);
}

describe('a pipe is refused, not waited for', () => {
  test.each(['vocab.txt', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'])(
    'as %s',
    async (name) => {
      await putPipe(name);
      await expect(readTokenizer(folder)).rejects.toThrow(/no regular file/);
    },
  );

  test('as an array of a voice, and as its archive', async () => {
    await putPipe('speaker_embeddings/v2/en_speaker_0_fine_prompt.npy');
    await putPipe('piped.npz');
    const processor = await BarkProcessor.fromPretrained(folder);
    await expect(processor.loadVoicePreset(VOICE)).rejects.toThrow(/no regular file/);
    await expect(processor.loadVoicePreset('piped')).rejects.toThrow(/no regular file/);
  });
});

test('an index of endless voices is refused', async () => {
  const names = Array.from({ length: 5_001 }, (_, i) => [`v2/en_speaker_${i}`, {}]);
  await writeFile(join(folder, INDEX_FILE), JSON.stringify(Object.fromEntries(names)));
  const loading = BarkProcessor.fromPretrained(folder);
  await expect(loading).rejects.toThrow(CheckpointError);
  await expect(loading).rejects.toThrow('more than 5000 voices');
});
