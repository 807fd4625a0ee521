/** An inspection tells every fault that the server or the processor would refuse later. */
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeSafetensors, type StoredTensor } from '../../checkpoint/write-safetensors.ts';
import { openSafetensors } from '../../checkpoint/safetensors.ts';
import { PULL_RECORD } from '../../hub/pull.ts';
import { describeInspection } from './describe.ts';
import type { Part } from './findings.ts';
import { inspectCheckpoint } from './inspect-checkpoint.ts';

const TINY = join(import.meta.dirname, '../../../models/bark-tiny');
const INDEX = 'speaker_embeddings_path.json';
const VOICE_FILE = 'speaker_embeddings/v2/en_speaker_0_fine_prompt.npy';

let root: string;
let folder: string;
const at = (name: string): string => join(folder, name);
const inspect = () => inspectCheckpoint(folder, new AbortController().signal);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'inspect-'));
  folder = join(root, 'model');
  await cp(TINY, folder, { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

type Json = Record<string, Record<string, unknown>>;

async function change(name: string, edit: (json: Json) => void): Promise<void> {
  const json = JSON.parse(await readFile(at(name), 'utf8')) as Json;
  edit(json);
  await writeFile(at(name), JSON.stringify(json));
}

/** Rewrites the weights with some left out, or of another shape. */
async function changeWeights(edit: (tensors: Map<string, StoredTensor>) => void): Promise<void> {
  const source = await openSafetensors(at('model.safetensors'));
  const stored = new Map<string, StoredTensor>();
  for (const name of source.names()) {
    const { shape, data } = await source.read(name);
    stored.set(name, { dtype: 'F32', shape, bytes: new Uint8Array(data.buffer) });
  }
  await source.close();
  edit(stored);
  await writeFile(at('model.safetensors'), encodeSafetensors(stored));
}

async function voicePath(path: string): Promise<void> {
  await change(INDEX, (index) => (index['v2/en_speaker_0']!['fine_prompt'] = path));
}

const SEMANTIC = 'semantic.lm_head.weight';

test('a sound checkpoint has no fault', async () => {
  const { faults, canSpeak, voices, hasEncoder } = await inspect();
  expect({ faults, canSpeak, hasEncoder }).toEqual({
    faults: [],
    canSpeak: true,
    hasEncoder: false,
  });
  expect(voices).toEqual({ count: 2, broken: 0, languages: ['en'] });
});

describe('told, and the rest is looked at all the same', () => {
  test.each<[string, Part, RegExp, () => Promise<unknown>]>([
    ['no config', 'config', /config\.json does not exist/, () => rm(at('config.json'))],
    [
      'a generation config that does not fit',
      'config',
      /generation_config\.json: .* do not belong together/,
      () => change('generation_config.json', (json) => (json['codebook_size'] = 9_000 as never)),
    ],
    ['no weights', 'weights', /has no weights/, () => rm(at('model.safetensors'))],
    [
      'weights cut short',
      'weights',
      /model\.safetensors: .*download it again/,
      async () => {
        const whole = await readFile(at('model.safetensors'));
        await writeFile(at('model.safetensors'), whole.subarray(0, -9));
      },
    ],
    [
      'a tensor missing',
      'weights',
      /model\.safetensors has no tensor "semantic\.lm_head\.weight"/,
      () => changeWeights((all) => all.delete(SEMANTIC)),
    ],
    [
      'a tensor of another shape',
      'weights',
      /semantic\.lm_head\.weight has the shape \[32, 512\]/,
      () => changeWeights((all) => all.set(SEMANTIC, { ...all.get(SEMANTIC)!, shape: [32, 512] })),
    ],
    ['no vocabulary', 'tokenizer', /vocab\.txt does not exist/, () => rm(at('vocab.txt'))],
    ['an empty vocabulary', 'tokenizer', /lacks \[PAD\]/, () => writeFile(at('vocab.txt'), '')],
    [
      'a vocabulary for a larger model',
      'tokenizer',
      /vocab\.txt: 1795 pieces need 2307 rows/,
      async () => {
        const more = Array.from({ length: 1_000 }, (_, i) => `piece${i}\n`).join('');
        await writeFile(at('vocab.txt'), `${await readFile(at('vocab.txt'), 'utf8')}${more}`);
      },
    ],
    [
      'a tokenizer of another kind',
      'tokenizer',
      /do_lower_case must be false/,
      () => change('tokenizer_config.json', (json) => (json['do_lower_case'] = true as never)),
    ],
    [
      'a tokenizer.json that is none',
      'tokenizer',
      /model must be an object/,
      () => writeFile(at('tokenizer.json'), '{}'),
    ],
    [
      'a vocabulary that lies elsewhere',
      'tokenizer',
      /link that leaves the folder/,
      async () => {
        await rename(at('vocab.txt'), join(root, 'outside.txt'));
        await symlink(join(root, 'outside.txt'), at('vocab.txt'));
      },
    ],
    ['an index that is none', 'voices', /must hold an object/, () => writeFile(at(INDEX), '[]')],
    [
      'a path out of the folder',
      'voices',
      /"v2\/en_speaker_0".*leaves the folder/,
      () => voicePath('../../etc/passwd'),
    ],
    ['an absolute path', 'voices', /leaves the folder/, () => voicePath('/etc/passwd')],
    [
      'a link out of the folder',
      'voices',
      /link that leaves the folder/,
      async () => {
        await rename(at(VOICE_FILE), join(root, 'outside.npy'));
        await symlink(join(root, 'outside.npy'), at(VOICE_FILE));
      },
    ],
    ['a voice without its file', 'voices', /does not exist/, () => rm(at(VOICE_FILE))],
    ['a voice that is broken', 'voices', /no \.npy file/, () => writeFile(at(VOICE_FILE), 'x')],
    [
      'a voice that is a pipe',
      'voices',
      /no regular file/,
      async () => {
        await rm(at(VOICE_FILE));
        execFileSync('mkfifo', [at(VOICE_FILE)]);
      },
    ],
    [
      'an encoder that is not whole',
      'encoder',
      /has no tensor "codec_model\.encoder/,
      () =>
        changeWeights((all) =>
          all.set('codec_model.encoder.layers.0.conv.bias', {
            dtype: 'F32',
            shape: [4],
            bytes: new Uint8Array(16),
          }),
        ),
    ],
    [
      'a record of the pull that is none',
      'origin',
      /not valid JSON/,
      () => writeFile(at(PULL_RECORD), '{'),
    ],
  ])('%s', async (_, part, message, damage) => {
    await damage();
    const inspection = await inspect();
    expect(inspection.faults).toEqual([{ part, message: expect.stringMatching(message) }]);
    expect(inspection.canSpeak).toBe(['voices', 'encoder', 'origin'].includes(part));
    const text = describeInspection(inspection);
    expect(text).toContain('fault: ');
    expect(text).not.toContain('Nothing is missing');
  });

  test('all faults at once', async () => {
    await rm(at('config.json'));
    await rm(at('model.safetensors'));
    await rm(at('vocab.txt'));
    await rm(at(VOICE_FILE));
    const { faults } = await inspect();
    expect(faults.map(({ part }) => part)).toEqual(['config', 'weights', 'tokenizer', 'voices']);
  });
});

test('what a folder says of itself moves no cursor', async () => {
  await change('config.json', (json) => (json['_name_or_path'] = '\u001b[2Jevil\n' as never));
  await writeFile(
    at(PULL_RECORD),
    '{"repository":"\\u001b[31m","revision":"\\u202e","commit":"x"}',
  );
  await change(INDEX, (index) => {
    index['a\u001b[31m\nb'] = {};
  });
  // oxlint-disable-next-line no-control-regex -- what a terminal would obey
  expect(describeInspection(await inspect())).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});
