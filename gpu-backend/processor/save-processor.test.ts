import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeNpy } from '#shared/bark/npy.ts';
import { zipSync } from 'fflate';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findPython, runPython } from '../../scripts/oracle/python.ts';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { ProcessorError } from './processor-error.ts';
import { BarkProcessor } from './processor.ts';
import type { PresetArrays } from './voice-arrays.ts';
import { encodeInt64Npy } from './write-npy.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const FIXTURES = new URL('../../tests/fixtures/', import.meta.url);
const VOICE = 'v2/en_speaker_0';

let tiny: BarkProcessor;
let folder: string;

beforeAll(async () => {
  tiny = await BarkProcessor.fromPretrained(TINY);
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'processor-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function faultOf(work: Promise<unknown>): Promise<ProcessorError | CheckpointError> {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (error instanceof ProcessorError || error instanceof CheckpointError) return error;
  throw new Error('It was to fail with a ProcessorError or CheckpointError.', { cause: error });
}

/** A copy of the tiny checkpoint without its weights. */
async function copied(): Promise<string> {
  const copy = join(folder, 'copy');
  await cp(TINY, copy, { recursive: true, filter: (path) => !path.endsWith('.safetensors') });
  return copy;
}

async function rewriteJson(path: string, change: (value: never) => unknown): Promise<void> {
  const value = JSON.parse(await readFile(path, 'utf8')) as never;
  await writeFile(path, JSON.stringify(change(value)));
}

/** A small voice that is valid. */
function smallVoice(): Record<keyof PresetArrays, { shape: number[]; data: Uint16Array }> {
  return {
    semantic_prompt: { shape: [3], data: Uint16Array.of(1, 2, 9_999) },
    coarse_prompt: { shape: [2, 4], data: Uint16Array.from({ length: 8 }, (_, i) => i) },
    fine_prompt: { shape: [8, 4], data: Uint16Array.from({ length: 32 }, (_, i) => 1_023 - i) },
  };
}

function npzOf(arrays: Record<string, { shape: number[]; data: Uint16Array }>): Uint8Array {
  const members = Object.entries(arrays).map(([key, { shape, data }]) => [
    `${key}.npy`,
    encodeInt64Npy(shape, data, key === 'coarse_prompt'),
  ]);
  return zipSync(Object.fromEntries(members) as Record<string, Uint8Array>, { level: 0 });
}

describe('saving', () => {
  test('writes what loads as the same processor', async () => {
    const target = join(folder, 'a', 'saved');
    await tiny.savePretrained(target);
    const again = await BarkProcessor.fromPretrained(target);
    expect(again.availableVoicePresets).toEqual(tiny.availableVoicePresets);
    for (const name of tiny.availableVoicePresets) {
      expect(await again.loadVoicePreset(name)).toEqual(await tiny.loadVoicePreset(name));
    }
    expect(await again.process('Hello')).toEqual(await tiny.process('Hello'));
    const index = JSON.parse(await readFile(join(target, 'speaker_embeddings_path.json'), 'utf8'));
    expect(index.repo_or_path).toBe(target);
    expect(index[VOICE].coarse_prompt).toBe(`speaker_embeddings/${VOICE}_coarse_prompt.npy`);
    expect(
      JSON.parse(await readFile(join(target, 'processor_config.json'), 'utf8')).processor_class,
    ).toBe('BarkProcessor');
    expect((await readdir(target)).toSorted()).toEqual([
      'processor_config.json',
      'speaker_embeddings',
      'speaker_embeddings_path.json',
      'special_tokens_map.json',
      'tokenizer_config.json',
      'vocab.txt',
    ]);
  });

  test('writes arrays of the checkpoint byte by byte as they were: int64, coarse in Fortran order', async () => {
    await tiny.savePretrained(folder);
    for (const key of ['semantic_prompt', 'coarse_prompt', 'fine_prompt']) {
      const file = `speaker_embeddings/${VOICE}_${key}.npy`;
      const saved = await readFile(join(folder, file));
      expect(decodeNpy(saved)).toEqual(decodeNpy(await readFile(join(TINY, file))));
      expect(saved.toString('latin1', 10, 74)).toContain("'descr': '<i8'");
      expect(saved.toString('latin1', 10, 74)).toContain(
        `'fortran_order': ${key === 'coarse_prompt' ? 'True' : 'False'}`,
      );
    }
  });

  test('writes voices of a tree of .npz files in the layout of the hub', async () => {
    await cp(join(TINY, 'vocab.txt'), join(folder, 'vocab.txt'));
    await mkdir(join(folder, 'voices', 'v3', 'deep'), { recursive: true });
    await writeFile(join(folder, 'voices', 'v3', 'deep', 'me.npz'), npzOf(smallVoice()));
    const processor = await BarkProcessor.fromPretrained(folder);
    const target = join(folder, 'saved');
    await processor.savePretrained(target, {
      speakerEmbeddingsDictPath: 'other.json',
      speakerEmbeddingsDirectory: 'arrays/here',
    });
    const again = await BarkProcessor.fromPretrained(target, {
      speakerEmbeddingsDictPath: 'other.json',
    });
    expect(again.availableVoicePresets).toEqual(['v3/deep/me']);
    expect([...(await again.loadVoicePreset('v3/deep/me')).semanticPrompt]).toEqual([1, 2, 9_999]);
    expect(await readdir(join(target, 'arrays/here/v3/deep'))).toHaveLength(3);
  });

  test('without presets writes no index', async () => {
    const mute = await BarkProcessor.fromPretrained(TINY, { speakerEmbeddingsDictPath: null });
    await mute.savePretrained(folder);
    expect(await readdir(folder)).not.toContain('speaker_embeddings_path.json');
  });

  test('into the folder that it came from changes nothing that matters', async () => {
    const copy = await copied();
    const processor = await BarkProcessor.fromPretrained(copy);
    await processor.savePretrained(copy);
    const again = await BarkProcessor.fromPretrained(copy);
    expect(await again.loadVoicePreset(VOICE)).toEqual(await tiny.loadVoicePreset(VOICE));
  });

  test.each([
    '../evil',
    '/tmp/evil',
    'a/../../evil',
    'C:evil',
    'C:\\evil',
    'a\\..\\..\\evil',
    'v2/evil:stream',
    'a//b',
    './a',
    'a/',
    '',
    'a\u0000b',
  ])('a voice called %j is refused before anything is written', async (name) => {
    const copy = await copied();
    await rewriteJson(
      join(copy, 'speaker_embeddings_path.json'),
      (index: Record<string, unknown>) => ({ [VOICE]: index[VOICE], [name]: index[VOICE] }),
    );
    const processor = await BarkProcessor.fromPretrained(copy);
    expect(processor.availableVoicePresets).toContain(name);
    const target = join(folder, 'saved');
    const fault = await faultOf(processor.savePretrained(target));
    expect(fault.message).toContain('can not be saved');
    expect(await readdir(folder)).toEqual(['copy']);
  });

  test('names that mean something to objects are only names', async () => {
    const copy = await copied();
    const index = await readFile(join(copy, 'speaker_embeddings_path.json'), 'utf8');
    const renamed = index.replace(`"${VOICE}": {`, '"__proto__": {');
    await writeFile(join(copy, 'speaker_embeddings_path.json'), renamed);
    const processor = await BarkProcessor.fromPretrained(copy);
    expect(processor.availableVoicePresets).toContain('__proto__');
    const target = join(folder, 'saved');
    await processor.savePretrained(target);
    const again = await BarkProcessor.fromPretrained(target);
    expect((await again.loadVoicePreset('__proto__')).semanticPrompt.length).toBe(230);
    expect((await faultOf(again.loadVoicePreset('constructor'))).message).toContain(
      'does not exist',
    );
  });

  test.each(['speakerEmbeddingsDictPath', 'speakerEmbeddingsDirectory'])(
    '%s may not leave the folder',
    async (option) => {
      for (const path of ['../out', '/tmp/out', 'D:\\out', 'a/../../out']) {
        const fault = await faultOf(tiny.savePretrained(join(folder, 'saved'), { [option]: path }));
        expect(fault.message).toContain('leaves the folder');
      }
      expect(await readdir(folder)).toEqual([]);
    },
  );

  test('a folder that is a link out is refused, a file that is one is replaced', async () => {
    const outside = join(folder, 'outside');
    const target = join(folder, 'saved');
    await mkdir(join(outside, 'v2'), { recursive: true });
    await mkdir(target);
    await writeFile(join(outside, 'precious'), 'as it was');
    await symlink(join(outside, 'precious'), join(target, 'vocab.txt'));
    await symlink(outside, join(target, 'speaker_embeddings'));
    const fault = await faultOf(tiny.savePretrained(target));
    expect(fault.message).toContain('is a link that leaves the folder');
    expect(await readdir(join(outside, 'v2'))).toEqual([]);
    expect(await readFile(join(outside, 'precious'), 'utf8')).toBe('as it was');
    expect(await readFile(join(target, 'vocab.txt'), 'utf8')).toContain('[PAD]');
  });

  test('a preset that can not be read stops it before anything is written', async () => {
    const copy = await copied();
    await writeFile(join(copy, `speaker_embeddings/${VOICE}_fine_prompt.npy`), 'rubbish');
    const processor = await BarkProcessor.fromPretrained(copy);
    const fault = await faultOf(processor.savePretrained(join(folder, 'saved')));
    expect(fault.message).toContain(`voice preset "${VOICE}"`);
    expect(await readdir(folder)).toEqual(['copy']);
  });
});

describe('transformers itself', () => {
  const python = findPython(process.env, 'transformers');
  const isMissing = typeof python === 'string';
  if (isMissing) {
    process.stderr.write(`skipped: saved processors are not loaded in Python. ${python}\n`);
  }

  test.skipIf(isMissing)(
    'loads what was saved, gives the same, and what it saves loads here',
    { timeout: 120_000 },
    async () => {
      if (typeof python === 'string') return;
      const texts = Object.values(
        JSON.parse(readFileSync(new URL('tokenizer/texts.json', FIXTURES), 'utf8')) as object,
      ).flat() as string[];
      const ours = join(folder, 'ours');
      const theirs = join(folder, 'theirs');
      const copy = await copied();
      await mkdir(join(copy, 'voices'));
      await writeFile(join(copy, 'voices', 'me.npz'), npzOf(smallVoice()));
      const processor = await BarkProcessor.fromPretrained(copy);
      await processor.savePretrained(ours);

      const output = runPython(python, 'load_processor.py', [ours, theirs], JSON.stringify(texts));
      const said = JSON.parse(output.slice(output.indexOf('{'))) as {
        auto: string;
        tokenizer: string;
        voices: Record<string, Record<string, { shape: number[]; data: number[] }>>;
        arrays: Record<string, [string, string]>;
        ids: number[][];
        mask: number[][];
      };
      expect([said.auto, said.tokenizer]).toEqual(['BarkProcessor', 'BertTokenizerFast']);
      expect(Object.keys(said.voices)).toEqual(['v2/en_speaker_0', 'v2/en_speaker_1', 'me']);
      const inputs = await processor.process(texts, { truncation: true });
      expect(inputs.inputIds.map((row) => [...row])).toEqual(said.ids);
      expect(inputs.attentionMask?.map((row) => [...row])).toEqual(said.mask);
      for (const [name, arrays] of Object.entries(said.voices)) {
        expect(await processor.loadVoicePreset(arrays as unknown as PresetArrays)).toEqual(
          await processor.loadVoicePreset(name),
        );
      }
      for (const [path, [dtype, order]] of Object.entries(said.arrays)) {
        expect([path, dtype, order]).toEqual([path, 'int64', path.includes('coarse') ? 'F' : 'C']);
      }

      // theirs has a tokenizer.json besides
      const back = await BarkProcessor.fromPretrained(theirs);
      expect(back.availableVoicePresets).toEqual(processor.availableVoicePresets);
      expect(await back.loadVoicePreset('me')).toEqual(await processor.loadVoicePreset('me'));
      expect(await back.process(texts, { truncation: true })).toEqual(inputs);
    },
  );
});
