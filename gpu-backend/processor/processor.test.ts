import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Voice } from '#shared/bark/voice.ts';
import { zipSync } from 'fflate';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { type EncodingOptions, type TextInput, textTokensOf } from './encode-texts.ts';
import { ProcessorError } from './processor-error.ts';
import { BarkProcessor, type ProcessorOptions } from './processor.ts';
import { type PresetArrays, arraysOf } from './voice-arrays.ts';
import { encodeInt64Npy } from './write-npy.ts';

interface Golden {
  readonly presets: string[];
  readonly shapes: Record<string, number[]>;
  readonly sums: Record<string, number>;
  readonly outputs: [TextInput, Record<string, unknown>, Record<string, number[][]>][];
  readonly errors: [unknown, Record<string, unknown>, string | null][];
}

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const FIXTURES = new URL('../../tests/fixtures/', import.meta.url);
const golden = JSON.parse(
  readFileSync(new URL('oracle/processor.json', FIXTURES), 'utf8'),
) as Golden;
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

/** Python's names of options and outputs, as ours. */
function camel(values: Record<string, unknown>): Record<string, unknown> {
  const renamed = Object.entries(values).map(([key, value]) => [
    key.replaceAll(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(renamed) as Record<string, unknown>;
}

async function faultOf(work: Promise<unknown>): Promise<ProcessorError | CheckpointError> {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (error instanceof ProcessorError || error instanceof CheckpointError) return error;
  throw new Error('It was to fail with a ProcessorError or CheckpointError.', { cause: error });
}

const faultOfCall = (text: unknown, options: unknown = {}) =>
  faultOf(tiny.process(text as TextInput, options as ProcessorOptions));

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

/** `array` as NumPy would write it of this float type. */
function floatNpy(values: readonly number[], shape: string, descr: '<f4' | '<f8'): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }\n`;
  const size = descr === '<f4' ? 4 : 8;
  const file = new Uint8Array(10 + header.length + size * values.length);
  file.set([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  file.set(Buffer.from(header), 10);
  const view = new DataView(file.buffer, 10 + header.length);
  for (const [i, value] of values.entries()) {
    if (size === 4) view.setFloat32(4 * i, value, true);
    else view.setFloat64(8 * i, value, true);
  }
  return file;
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((all, one) => all + one, 0);

describe('texts', () => {
  test.each(golden.outputs.map(([text, options, output]) => ({ text, options, output })))(
    'become what transformers makes of them with $options',
    async ({ text, options, output }) => {
      const inputs = await tiny.process(text, camel(options) as EncodingOptions);
      const plain = Object.entries(inputs).map(([key, value]) => [
        key,
        Array.isArray(value) ? value.map((row: Int32Array) => [...row]) : [...value],
      ]);
      expect(Object.fromEntries(plain)).toEqual(camel(output));
    },
  );

  test('are 256 ids and a mask of bytes, as the engine takes them', async () => {
    const inputs = await tiny.process(['Hello', 'a']);
    expect(inputs.inputIds.map((row) => row.length)).toEqual([256, 256]);
    const [first] = textTokensOf(inputs);
    expect(first?.ids).toBe(inputs.inputIds[0]);
    expect(first?.mask).toBe(inputs.attentionMask?.[0]);
    expect(sum(first?.mask ?? [])).toBeGreaterThan(0);
  });

  test('need no waiting where no voice is asked for', async () => {
    const options = { padding: 'do_not_pad' } as const;
    expect(tiny.encode('a b', options)).toEqual(await tiny.process('a b', options));
  });

  test('without a mask, padding counts as text', async () => {
    const inputs = await tiny.process('a', { returnAttentionMask: false, maxLength: 3 });
    expect('attentionMask' in inputs).toBe(false);
    expect([...(textTokensOf(inputs)[0]?.mask ?? [])]).toEqual([1, 1, 1]);
  });

  test('may be padded to the longest, or not at all', async () => {
    const lengths = async (options: EncodingOptions) =>
      (await tiny.process(['a', 'a b c'], options)).inputIds.map((row) => row.length);
    expect(await lengths({ padding: 'longest' })).toEqual([3, 3]);
    expect(await lengths({ padding: 'longest', padToMultipleOf: 8 })).toEqual([8, 8]);
    expect(await lengths({ padding: 'do_not_pad' })).toEqual([1, 3]);
    expect(await lengths({ padding: 'do_not_pad', truncation: true, maxLength: 2 })).toEqual([
      1, 2,
    ]);
  });

  test('one that is too long beside shorter ones is refused, with the remedy', async () => {
    const fault = await faultOfCall(['a '.repeat(300), 'a']);
    expect(fault.message).toBe(
      'A text has 300 ids, more than the 256 of a row, and others have fewer; set truncation, split the text or raise maxLength.',
    );
    expect(fault).toMatchObject({ reference: 'ValueError' });
  });

  test('hundreds of thousands of ids are no trouble', async () => {
    const { inputIds } = await tiny.process('a '.repeat(300_000), { addSpecialTokens: true });
    expect(inputIds[0]?.length).toBe(300_002);
  });
});

describe('what is refused', () => {
  const voicePresets = (preset: unknown) => ({ voicePreset: preset });
  test.each(golden.errors.map(([text, options, error]) => ({ text, options, error })))(
    'is what transformers refuses with $error: $text, $options',
    async ({ text, options, error }) => {
      const fault = await faultOfCall(text, camel(options));
      expect(fault).toBeInstanceOf(ProcessorError);
      expect(fault).toMatchObject({ reference: error });
      expect(fault.message).toMatch(/\.$/u);
    },
  );

  test.each([
    [undefined, {}, 'text must be a string or a list of strings'],
    [['a', 3], {}, 'text must be a string or a list of strings'],
    ['a', { isSplitIntoWords: true }, 'text must be a list of words'],
    ['a', { maxLength: 0 }, 'maxLength must be an integer in 1..1048576'],
    ['a', { maxLength: 2.5 }, 'maxLength must be an integer in 1..1048576'],
    ['a', { maxLength: 2 ** 40 }, 'maxLength must be an integer in 1..1048576'],
    ['a', { padding: 'everywhere' }, 'padding must be "max_length"'],
    [
      'a',
      { paddingSide: 'up', truncation: 1 },
      'paddingSide must be "right" or "left"; truncation must be',
    ],
    [
      'a',
      { truncation: true, addSpecialTokens: true, maxLength: 1 },
      'maxLength must be at least 2',
    ],
    ['a', { returnTensors: 'pt' }, 'returnTensors: there is no such option'],
    ['a', voicePresets(3), 'voicePreset must be a name'],
    ['a', voicePresets(true), 'voicePreset must be a name'],
  ])('is told in a sentence: %j with %j', async (text, options, message) => {
    expect((await faultOfCall(text, options)).message).toContain(message);
  });

  test('what is spoken stands in no message', async () => {
    const fault = await faultOfCall(['secret '.repeat(300), 'secret', 'secret'], { foo: 'secret' });
    expect(fault.message).not.toContain('secret');
    expect((await faultOfCall(['secret', 1])).message).not.toContain('secret');
  });
});

describe('a voice by name', () => {
  test('is one of the index, with the shapes and values that transformers gives', async () => {
    expect(tiny.availableVoicePresets).toEqual(golden.presets);
    const { historyPrompt } = await tiny.process('a', { voicePreset: VOICE, truncation: true });
    const arrays = arraysOf(historyPrompt as Voice);
    for (const [key, { shape, data }] of Object.entries(arrays)) {
      expect(shape).toEqual(golden.shapes[key]);
      expect(sum(data as Uint16Array)).toBe(golden.sums[key]);
    }
  });

  test('null means none', async () => {
    expect(await tiny.process('a', { voicePreset: null })).not.toHaveProperty('historyPrompt');
  });

  test('comes from a tree of .npz files too, with or without its root', async () => {
    const copy = await copied();
    await mkdir(join(copy, 'voices', 'v2'), { recursive: true });
    await writeFile(join(copy, 'voices', 'announcer.npz'), npzOf(smallVoice()));
    await writeFile(join(copy, 'voices', 'v2', 'de_speaker_1.npz'), npzOf(smallVoice()));
    await writeFile(join(copy, 'voices', `${VOICE}.npz`), npzOf(smallVoice()));
    const processor = await BarkProcessor.fromPretrained(copy);
    expect(processor.availableVoicePresets).toEqual([
      ...golden.presets,
      'announcer',
      'v2/de_speaker_1',
    ]);
    const voice = await processor.loadVoicePreset('v2/de_speaker_1');
    expect([...voice.semanticPrompt]).toEqual([1, 2, 9_999]);
    expect([...voice.coarsePrompt]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    // of two with one name the index's is taken
    expect((await processor.loadVoicePreset(VOICE)).semanticPrompt.length).toBe(230);
  });

  test('an index that is missing is warned of, once asked for and with nothing else there', async () => {
    const copy = await copied();
    await rm(join(copy, 'speaker_embeddings_path.json'));
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    const processor = await BarkProcessor.fromPretrained(copy, { warn });
    expect(processor.availableVoicePresets).toEqual([]);
    expect(warnings).toEqual([
      `${copy} has no speaker_embeddings_path.json, so there are no voice presets by name; copy it there, or set speakerEmbeddingsDictPath to null.`,
    ]);
    await BarkProcessor.fromPretrained(copy, { warn, speakerEmbeddingsDictPath: null });
    expect(warnings.length).toBe(1);
  });

  test.each([
    ['{}', 'is missing semantic_prompt', 'ValueError'],
    ['"speaker_embeddings/semantic_prompt"', 'is missing semantic_prompt', 'ValueError'],
    ['null', 'is missing semantic_prompt', 'ValueError'],
    ['{"semantic_prompt":3}', 'is missing semantic_prompt', 'ValueError'],
    ['{"semantic_prompt":"gone.npy"}', 'gone.npy does not exist', 'ValueError'],
    ['{"semantic_prompt":"../secret.npy"}', 'leaves the folder', null],
    ['{"semantic_prompt":"/etc/passwd"}', 'leaves the folder', null],
    ['{"semantic_prompt":"C:\\\\secret.npy"}', 'leaves the folder', null],
    ['{"semantic_prompt":"C:secret.npy"}', 'leaves the folder', null],
    ['{"semantic_prompt":"\\\\\\\\host\\\\secret.npy"}', 'leaves the folder', null],
    ['{"semantic_prompt":"a/..\\\\..\\\\secret.npy"}', 'leaves the folder', null],
    ['{"semantic_prompt":"link.npy"}', 'is a link that leaves the folder', null],
    ['{"semantic_prompt":"a\\u0000.npy"}', 'can not be used', null],
    ['{"semantic_prompt":""}', 'can not be used', null],
  ])('an entry %s is refused', async (entry, message, reference) => {
    const copy = await copied();
    await writeFile(join(folder, 'secret.npy'), encodeInt64Npy([1], Uint16Array.of(1), false));
    await symlink(join(folder, 'secret.npy'), join(copy, 'link.npy'));
    await writeFile(join(copy, 'speaker_embeddings_path.json'), `{"x":${entry}}`);
    const processor = await BarkProcessor.fromPretrained(copy);
    const fault = await faultOf(processor.process('a', { voicePreset: 'x' }));
    expect(fault.message).toContain(message);
    // whose fault it is: the index and the voice in it
    expect(fault.message).toContain(join(copy, 'speaker_embeddings_path.json'));
    expect(fault.message).toContain('voice preset "x"');
    expect(fault).toMatchObject({ reference });
  });

  test('a damaged file of a voice is named', async () => {
    const copy = await copied();
    const path = join(copy, `speaker_embeddings/${VOICE}_coarse_prompt.npy`);
    await truncate(path, 200);
    const processor = await BarkProcessor.fromPretrained(copy);
    const fault = await faultOf(processor.process('a', { voicePreset: VOICE }));
    expect(fault.message).toMatch(
      `${path}, coarse_prompt of the voice preset "${VOICE}": The .npy`,
    );
  });

  test('the links of a cache of the hub are followed within its repository', async () => {
    const repository = join(folder, 'models--suno--bark');
    await mkdir(join(repository, 'blobs'), { recursive: true });
    await mkdir(join(repository, 'snapshots'));
    const snapshot = join(repository, 'snapshots', '0123abc');
    await cp(await copied(), snapshot, { recursive: true });
    const npy = `speaker_embeddings/${VOICE}_semantic_prompt.npy`;
    await cp(join(snapshot, npy), join(repository, 'blobs', 'f00'));
    await rm(join(snapshot, npy));
    await symlink(join(repository, 'blobs', 'f00'), join(snapshot, npy));
    const processor = await BarkProcessor.fromPretrained(snapshot);
    expect((await processor.loadVoicePreset(VOICE)).semanticPrompt.length).toBe(230);
  });

  test('an index or path of it that is no good is refused when the folder is opened', async () => {
    const copy = await copied();
    const open = (path: string) =>
      faultOf(BarkProcessor.fromPretrained(copy, { speakerEmbeddingsDictPath: path }));
    const { message } = await open('../index.json');
    expect(message).toContain(`speakerEmbeddingsDictPath of ${copy}`);
    expect(message).toContain('leaves the folder');
    await writeFile(join(copy, 'list.json'), '[]');
    expect((await open('list.json')).message).toContain('must hold an object of voices');
    await writeFile(join(copy, 'broken.json'), '{');
    expect((await open('broken.json')).message).toContain('is not valid JSON');
  });
});

describe('a voice from a file', () => {
  const load = (name: string) => tiny.loadVoicePreset(join(folder, name));

  test('is read from an .npz, whose ending may be left out', async () => {
    await writeFile(join(folder, 'me.npz'), npzOf(smallVoice()));
    expect(await load('me')).toEqual(await load('me.npz'));
    expect([...(await load('me')).semanticPrompt]).toEqual([1, 2, 9_999]);
  });

  test('may be forbidden, so that a name from a stranger opens nothing', async () => {
    await writeFile(join(folder, 'me.npz'), npzOf(smallVoice()));
    const careful = await BarkProcessor.fromPretrained(TINY, { localFiles: false });
    const fault = await faultOf(careful.loadVoicePreset(join(folder, 'me')));
    expect(fault.message).toContain('There is no voice preset');
    expect(fault).toMatchObject({ reference: 'FileNotFoundError' });
  });

  test('that does not exist is named', async () => {
    const fault = await faultOf(load('nobody'));
    expect(fault.message).toBe(
      `${join(folder, 'nobody.npz')} does not exist; give a name of availableVoicePresets or the path of an .npz file.`,
    );
  });

  test.each(['<f4', '<f8'] as const)('may hold integers as %s', async (descr) => {
    const { coarse_prompt, fine_prompt } = smallVoice();
    const members = {
      'semantic_prompt.npy': floatNpy([1, 2, 9_999], '(3,)', descr),
      'coarse_prompt.npy': encodeInt64Npy(coarse_prompt.shape, coarse_prompt.data, true),
      'fine_prompt.npy': floatNpy([...fine_prompt.data], '(8, 4)', descr),
      'comment.npy': new Uint8Array(3),
    };
    await writeFile(join(folder, 'me.npz'), zipSync(members));
    const voice = await load('me');
    expect([...voice.semanticPrompt]).toEqual([1, 2, 9_999]);
    expect([...voice.finePrompt]).toEqual([...fine_prompt.data]);
  });

  test.each([
    ['a fraction', { 'semantic_prompt.npy': floatNpy([0.5], '(1,)', '<f8') }, 'Entry 0 is 0.5'],
    ['not a number', { 'semantic_prompt.npy': floatNpy([Number.NaN], '(1,)', '<f4') }, 'is NaN'],
    ['infinity', { 'semantic_prompt.npy': floatNpy([Infinity], '(1,)', '<f8') }, 'is Infinity'],
    [
      'floats cut short',
      { 'semantic_prompt.npy': floatNpy([1], '(9,)', '<f8') },
      'bytes of values',
    ],
    ['no .npy', { 'semantic_prompt.npy': new Uint8Array(20) }, 'is no .npy file'],
    ['nothing', { 'other.npy': new Uint8Array(3) }, 'is missing semantic_prompt'],
  ])('with %s inside is refused by name', async (_, members, message) => {
    await writeFile(join(folder, 'me.npz'), zipSync(members));
    const fault = await faultOf(load('me'));
    expect(fault.message).toContain(join(folder, 'me.npz'));
    expect(fault.message).toContain(message);
  });

  test.each([
    ['no archive', new Uint8Array(100)],
    ['an empty file', new Uint8Array(0)],
    ['half an archive', npzOf(smallVoice()).subarray(0, 500)],
  ])('that is %s is refused by name', async (_, bytes) => {
    await writeFile(join(folder, 'me.npz'), bytes);
    const fault = await faultOf(load('me'));
    expect(fault).toBeInstanceOf(ProcessorError);
    expect(fault.message).toContain(join(folder, 'me.npz'));
  });

  test('that is a folder is refused', async () => {
    await mkdir(join(folder, 'me.npz'));
    expect((await faultOf(load('me'))).message).toContain('is no regular file');
  });
});

describe('a voice as arrays', () => {
  const speak = (preset: unknown) =>
    tiny.process('a', { voicePreset: preset as PresetArrays, truncation: true });

  test('is taken as numbers, floats and 64-bit integers alike, and copied', async () => {
    const small = smallVoice();
    const preset = {
      semantic_prompt: { shape: [3], data: BigInt64Array.of(1n, 2n, 9_999n) },
      coarse_prompt: { shape: [2, 4], data: Float32Array.from(small.coarse_prompt.data) },
      fine_prompt: { shape: [8, 4], data: [...small.fine_prompt.data] },
      comment: 'is left out',
    };
    const { historyPrompt } = await speak(preset);
    expect(historyPrompt).toEqual((await speak(small)).historyPrompt);
    expect(Object.keys(historyPrompt ?? {})).toEqual([
      'semanticPrompt',
      'coarsePrompt',
      'finePrompt',
    ]);
    small.semantic_prompt.data[0] = 7;
    expect(historyPrompt?.semanticPrompt[0]).toBe(1);
  });

  test('may be a voice of this project', async () => {
    const voice = await tiny.loadVoicePreset(VOICE);
    expect((await speak(voice)).historyPrompt).toEqual(voice);
    const broken = { ...voice, coarsePrompt: voice.coarsePrompt.subarray(1) };
    expect((await faultOf(speak(broken))).message).toContain('coarse_prompt has the shape');
  });

  test.each<[string, (voice: Record<string, unknown>) => void, string, string | null]>([
    ['without fine_prompt', (v) => delete v['fine_prompt'], 'missing fine_prompt', 'ValueError'],
    ['with a plain list', (v) => (v['semantic_prompt'] = [1]), 'must be a 1-D array', 'TypeError'],
    ['with null', (v) => (v['fine_prompt'] = null), 'must be a 2-D array', 'TypeError'],
    [
      'of the wrong rank',
      (v) => (v['coarse_prompt'] = { shape: [8], data: new Uint16Array(8) }),
      'coarse_prompt must be a 2-D array; it has 1',
      'ValueError',
    ],
    [
      'with three coarse rows',
      (v) => (v['coarse_prompt'] = { shape: [3, 4], data: new Uint16Array(12) }),
      'must have 2 rows',
      null,
    ],
    [
      'with a semantic token too high',
      (v) => (v['semantic_prompt'] = { shape: [1], data: [10_000] }),
      '0..9999; entry 0 is 10000',
      null,
    ],
    [
      'with a fraction',
      (v) => (v['semantic_prompt'] = { shape: [1], data: [0.5] }),
      'entry 0 is 0.5',
      null,
    ],
    [
      'with a 64-bit integer beyond all',
      (v) => (v['semantic_prompt'] = { shape: [1], data: BigInt64Array.of(-(2n ** 62n)) }),
      'entry 0 is -4611686018427388000',
      null,
    ],
    [
      'with words for numbers',
      (v) => (v['semantic_prompt'] = { shape: [1], data: ['1'] }),
      'entry 0 is a string',
      null,
    ],
    [
      'that is empty',
      (v) => (v['semantic_prompt'] = { shape: [0], data: [] }),
      '1..9000 long',
      null,
    ],
    [
      'with more shape than values',
      (v) => (v['semantic_prompt'] = { shape: [2], data: [1] }),
      'has 1 values for the shape',
      null,
    ],
    [
      'with half a dimension',
      (v) => (v['coarse_prompt'] = { shape: [2, 2.5], data: new Uint16Array(5) }),
      'which is none',
      null,
    ],
    [
      'with more coarse than fine frames',
      (v) => (v['coarse_prompt'] = { shape: [2, 5], data: new Uint16Array(10) }),
      'coarse_prompt has 5 frames and fine_prompt 4',
      null,
    ],
  ])('%s is refused', async (_, change, message, reference) => {
    const voice: Record<string, unknown> = smallVoice();
    change(voice);
    const fault = await faultOf(speak(voice));
    expect(fault.message).toContain(message);
    expect(fault).toMatchObject({ reference });
  });
});

describe('a folder', () => {
  const open = (path: string) => faultOf(BarkProcessor.fromPretrained(path));

  test('that is not there, or has no vocabulary, is named', async () => {
    expect((await open(join(folder, 'gone'))).message).toContain(
      'is not a folder; give that of a checkpoint',
    );
    expect((await open(folder)).message).toContain(`${join(folder, 'vocab.txt')} does not exist`);
  });

  test('whose vocabulary has no end is refused before it is read', async () => {
    await writeFile(join(folder, 'vocab.txt'), '');
    await truncate(join(folder, 'vocab.txt'), 2 ** 34);
    expect((await open(folder)).message).toContain('has 17179869184 bytes');
  });

  test('with no more than a vocabulary is enough', async () => {
    await cp(join(TINY, 'vocab.txt'), join(folder, 'vocab.txt'));
    const processor = await BarkProcessor.fromPretrained(folder);
    expect(await processor.process('Hello')).toEqual(await tiny.process('Hello'));
  });

  test('with a tokenizer.json needs no vocab.txt, and believes it rather than that', async () => {
    const pieces = (await readFile(join(TINY, 'vocab.txt'), 'utf8')).trimEnd().split('\n');
    // from back to front: the order of the file means nothing
    const entries = pieces.map((piece, id): [string, number] => [piece, id]).toReversed();
    const json = { model: { type: 'WordPiece', vocab: Object.fromEntries(entries) } };
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json));
    await writeFile(join(folder, 'vocab.txt'), 'rubbish');
    const processor = await BarkProcessor.fromPretrained(folder);
    expect(await processor.process('Hello [CLS]')).toEqual(await tiny.process('Hello [CLS]'));
  });

  test.each([
    ['tokenizer_config.json', { do_lower_case: true }, 'do_lower_case must be false'],
    ['tokenizer_config.json', {}, 'do_lower_case must be false'],
    ['tokenizer_config.json', { do_lower_case: false, strip_accents: true }, 'strip_accents'],
    ['tokenizer_config.json', { do_lower_case: false, padding_side: 'up' }, 'padding_side'],
    ['tokenizer_config.json', { do_lower_case: false, pad_token: '<pad>' }, 'pad_token'],
    [
      'tokenizer_config.json',
      { do_lower_case: false, added_tokens_decoder: { 9: { content: '<x>' } } },
      'added_tokens_decoder.9.content must be one of',
    ],
    ['tokenizer.json', { model: { type: 'BPE', vocab: {} } }, 'model.type is supported only as'],
    ['tokenizer.json', { model: { vocab: { a: 0, b: 0 } } }, 'two pieces have the id 0'],
    ['tokenizer.json', { model: { vocab: { 'a\n': 0 } } }, 'has a line end'],
    ['tokenizer.json', { model: { vocab: { a: 2 ** 30 } } }, 'model.vocab.a must be an integer'],
    ['tokenizer.json', { model: { vocab: { a: 0 } } }, 'The vocabulary lacks [PAD]'],
    ['tokenizer.json', [], 'must be an object'],
  ])('whose %s says %j is refused', async (file, content, message) => {
    await cp(join(TINY, 'vocab.txt'), join(folder, 'vocab.txt'));
    await writeFile(join(folder, file), JSON.stringify(content));
    const fault = await open(folder);
    expect(fault).toBeInstanceOf(CheckpointError);
    expect(fault.message).toContain(file);
    expect(fault.message).toContain(message);
  });

  test('says on which side rows are padded and cut', async () => {
    const copy = await copied();
    await rewriteJson(join(copy, 'tokenizer_config.json'), (config: object) => ({
      ...config,
      padding_side: 'left',
      truncation_side: 'left',
    }));
    const processor = await BarkProcessor.fromPretrained(copy);
    const { inputIds } = await processor.process(['a b c', 'c'], {
      maxLength: 2,
      truncation: true,
    });
    const [b, c] = (await tiny.process('b c', { padding: 'longest' })).inputIds[0] ?? [];
    expect(inputIds.map((row) => [...row])).toEqual([
      [b, c],
      [0, c],
    ]);
  });
});
