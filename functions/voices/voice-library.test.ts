import { describe, expect, test } from 'vitest';
import type { VoiceEntry } from '#shared/bark/manifest.ts';
import { hashVoice } from '#shared/bark/voice.ts';
import type { StagedFiles } from '../staged/staged-files.ts';
import { fixtureFiles } from '../../tests/workers/fixture-checkpoint.ts';
import { VoiceLibrary } from './voice-library.ts';

const NPZ = { npz: 'bark/voices/en_speaker_6.npz' };

function library(
  voices: readonly VoiceEntry[],
  maxKept = 2,
): { read: string[]; library: VoiceLibrary } {
  const read: string[] = [];
  const files: StagedFiles = {
    read: async (path) => {
      read.push(path);
      return fixtureFiles.read(path);
    },
  };
  return {
    read,
    library: new VoiceLibrary({ files, keepAlive: () => undefined, voices, maxKept }),
  };
}

function entry(id: string, files: VoiceEntry['files'] = NPZ): VoiceEntry {
  return { id, name: id, language: null, files };
}

describe('voices', () => {
  test('come with the hash of their bytes', async () => {
    const voice = await library([entry('a')]).library.get('a');
    expect(voice.hash).toBe(await hashVoice(voice.bytes));
  });

  test('are read once, however many ask at a time', async () => {
    const { library: voices, read } = library([entry('a')]);
    const [first, second] = await Promise.all([voices.get('a'), voices.get('a')]);
    expect(first).toBe(second);
    expect(read).toEqual([NPZ.npz]);
  });

  test('leave in the order in which they were last used', async () => {
    const { library: voices, read } = library([entry('a'), entry('b'), entry('c')]);
    for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) await voices.get(id);
    // a, b, c are read; a stays; b had to go for c, so it is read again
    expect(read).toHaveLength(4);
  });

  test.each(['', '../manifest.json', 'bark/voices/en_speaker_6', '__proto__', 'constructor'])(
    'are never looked for by what a caller shapes: "%s"',
    async (id) => {
      const { library: voices, read } = library([entry('a')]);
      await expect(voices.get(id)).rejects.toEqual(
        expect.objectContaining({ code: 'voice_not_found', param: 'voice' }),
      );
      expect(read).toEqual([]);
    },
  );

  test('whose file is not staged say what to do, and are looked for again', async () => {
    const { library: voices, read } = library([entry('a', { npz: 'bark/voices/gone.npz' })]);
    for (let i = 0; i < 2; i += 1) {
      await expect(voices.get('a')).rejects.toThrow('npm run stage');
    }
    expect(read).toHaveLength(2);
  });
});
