/** The examples run on the embedded checkpoint. */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { makeListeningModel } from '../../tests/support/listening-model.ts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = join(ROOT, 'examples');
const WRITES: Readonly<Record<string, readonly string[]>> = {
  'simple.ts': ['simple.wav'],
  'what-bark-says.ts': ['chinese.wav', 'french.wav', 'song.wav', 'cues.wav', 'emphasis.wav'],
  'batch.ts': ['batch-0.wav', 'batch-1.wav', 'batch-2.wav'],
  'sampling.ts': [],
  'memory.ts': [],
  'voice-from-take.ts': ['my-voice.npz', 'my-voice.wav'],
  'voice-from-recording.ts': ['me.wav', 'me.npz'],
  'long-text.ts': ['long-text.pcm'],
  'stream.ts': [],
  'look-inside.ts': [],
};

let out: string;
let checkpoint: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'bark-examples-'));
  checkpoint = join(out, 'checkpoint');
  await makeListeningModel(checkpoint);
  // shorter windows are quick
  const windows = 'tests/fixtures/golden/bark-tiny-windows/generation_config.json';
  await cp(join(ROOT, windows), join(checkpoint, 'generation_config.json'));
});
afterAll(() => rm(out, { recursive: true }));

describe('examples', () => {
  test('are all known here', async () => {
    const files = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.ts'));
    expect(files.toSorted()).toEqual([...Object.keys(WRITES), 'setting.ts'].toSorted());
  });

  test.each(Object.entries(WRITES))('%s runs', async (name, files) => {
    const lines = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    // by its address: the examples are a project of their own
    const example = (await import(pathToFileURL(join(EXAMPLES, name)).href)) as {
      main(setting: object): Promise<void>;
    };
    await example.main({
      folder: checkpoint,
      voicePreset: 'v2/en_speaker_0',
      out,
      options: { semanticMaxNewTokens: 4, seed: 2, doSample: false },
    });
    expect(lines).toHaveBeenCalled();
    lines.mockRestore();
    const written = await readdir(out);
    for (const file of files) {
      expect(written).toContain(file);
      expect((await readFile(join(out, file))).length).toBeGreaterThan(44);
    }
  });
});
