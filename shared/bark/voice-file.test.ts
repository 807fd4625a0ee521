import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { type ZipOptions, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { encodeNpy } from './npy.ts';
import { readVoiceNpys, readVoiceNpz } from './voice-file.ts';
import { type PromptArray, VOICE_KEYS, type VoiceKey, encodeVoice } from './voice.ts';

const FRAMES = 30;
const count = (length: number, limit: number): number[] =>
  Array.from({ length }, (_, i) => (i * 7_919) % limit);

const PROMPTS: Record<VoiceKey, PromptArray> = {
  semantic_prompt: { shape: [20], data: count(20, 10_000) },
  coarse_prompt: { shape: [2, FRAMES], data: count(2 * FRAMES, 1_024) },
  fine_prompt: { shape: [8, FRAMES], data: count(8 * FRAMES, 1_024) },
};

function npys(descr: '<i8' | '<u2' = '<i8'): Record<VoiceKey, Uint8Array<ArrayBuffer>> {
  return {
    semantic_prompt: encodeNpy(PROMPTS.semantic_prompt, descr),
    coarse_prompt: encodeNpy(PROMPTS.coarse_prompt, descr),
    fine_prompt: encodeNpy(PROMPTS.fine_prompt, descr),
  };
}

function npz(options: ZipOptions = {}, files: Record<string, Uint8Array> = npys()): Uint8Array {
  const named = Object.entries(files).map(([key, bytes]) => [`${key}.npy`, bytes]);
  return zipSync(Object.fromEntries(named), options);
}

/** The same array as numpy.save writes it when its columns lie together. */
function fortran({ shape, data }: PromptArray): Uint8Array<ArrayBuffer> {
  const [rows = 0, columns = 0] = shape;
  const turned = Array.from(
    { length: rows * columns },
    (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? -1,
  );
  const file = encodeNpy({ shape, data: turned }, '<i8');
  const text = new TextDecoder('latin1').decode(file);
  const at = text.indexOf('False');
  file.set(new TextEncoder().encode('True '), at);
  return file;
}

const canonical = encodeVoice(readVoiceNpys(npys()));
const expectVoice = (voice: ReturnType<typeof readVoiceNpz>): void => {
  expect(Buffer.compare(encodeVoice(voice), canonical)).toBe(0);
};

test('the arrays of a voice are what was saved', () => {
  const voice = readVoiceNpys(npys());
  expect([...voice.semanticPrompt]).toEqual(PROMPTS.semantic_prompt.data);
  expect([...voice.coarsePrompt]).toEqual(PROMPTS.coarse_prompt.data);
  expect([...voice.finePrompt]).toEqual(PROMPTS.fine_prompt.data);
});

test.each([
  ['stored', npz({ level: 0 })],
  ['deflated', npz({ level: 9 })],
  // as NumPy: the ZIP64 field before the data
  ['with an extra field of 20 bytes', npz({ level: 0, extra: { 1: new Uint8Array(16) } })],
  ['with a comment', npz({ comment: 'a comment of the member' })],
  ['of uint16', npz({}, npys('<u2'))],
  ['in Fortran order', npz({}, { ...npys(), coarse_prompt: fortran(PROMPTS.coarse_prompt) })],
  ['with other members', npz({}, { ...npys(), readme: new Uint8Array(5), x: new Uint8Array(0) })],
  ['in another order', npz({}, Object.fromEntries(Object.entries(npys()).toReversed()))],
])('an archive %s is read', (_, archive) => {
  expectVoice(readVoiceNpz(archive));
});

test('a view into a larger buffer is read', () => {
  const archive = npz();
  const buffer = new Uint8Array(archive.length + 100).fill(0x50);
  buffer.set(archive, 33);
  expectVoice(readVoiceNpz(buffer.subarray(33, 33 + archive.length)));
});

test('a missing array is named, the first in the order of the reference', () => {
  for (const [i, key] of VOICE_KEYS.entries()) {
    const files: Partial<Record<VoiceKey, Uint8Array>> = npys();
    for (const later of VOICE_KEYS.slice(i)) delete files[later];
    expect(() => readVoiceNpys(files)).toThrow(`missing ${key};`);
    expect(() => readVoiceNpz(npz({}, files))).toThrow(`missing ${key};`);
  }
});

test('a faulty array is named', () => {
  const files = { ...npys(), coarse_prompt: Uint8Array.of(1, 2, 3) };
  expect(() => readVoiceNpys(files)).toThrow('coarse_prompt: The file is no .npy file');
  const swapped = { ...npys(), fine_prompt: npys().coarse_prompt };
  expect(() => readVoiceNpys(swapped)).toThrow('fine_prompt must have 8 rows; it has 2.');
});

/** Where a signature lies for the n-th time. */
function find(archive: Uint8Array, signature: number, nth = 0): number {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  let left = nth;
  for (let at = 0; at + 4 <= archive.length; at += 1) {
    if (view.getUint32(at, true) !== signature) continue;
    if (left === 0) return at;
    left -= 1;
  }
  throw new Error('no such signature');
}

/** Numbers that look random, the same for the same seed. */
function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function corrupted(file: Uint8Array, seed: number): Uint8Array {
  const random = seeded(seed);
  const copy = file.slice(0, seed % 3 === 0 ? random(file.length) : file.length);
  for (let flips = random(8); flips >= 0 && copy.length > 0; flips -= 1) {
    const at = random(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
  }
  return copy;
}

function expectVoiceOrRangeError(read: () => ReturnType<typeof readVoiceNpz>, seed: number): void {
  let outcome: unknown;
  try {
    outcome = read().finePrompt.length;
  } catch (error) {
    outcome = error;
  }
  if (typeof outcome !== 'number') expect(outcome, `seed ${seed}`).toBeInstanceOf(RangeError);
}

describe('a hostile archive is refused', () => {
  const DIRECTORY = 0x0201_4b50;
  const END = 0x0605_4b50;

  function altered(
    options: ZipOptions,
    alter: (view: DataView, entry: number) => void,
  ): Uint8Array {
    const archive = npz(options).slice();
    const entry = find(archive, DIRECTORY);
    alter(new DataView(archive.buffer, archive.byteOffset, archive.byteLength), entry);
    return archive;
  }

  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'no ZIP archive'],
    ['noise', new Uint8Array(5_000).fill(0x50), 'no ZIP archive'],
    [
      'a wrong checksum',
      altered({ level: 0 }, (view, entry) => view.setUint32(entry + 16, 1, true)),
      'semantic_prompt.npy is damaged',
    ],
    [
      'a changed value',
      altered({ level: 0 }, (view) => view.setUint8(200, view.getUint8(200) ^ 1)),
      'semantic_prompt.npy is damaged',
    ],
    [
      'a size of 4 GiB',
      altered({}, (view, entry) => view.setUint32(entry + 24, 0xffff_ffff, true)),
      'semantic_prompt.npy has 4294967295 bytes; no more than',
    ],
    [
      'more than it says',
      altered({ level: 9 }, (view, entry) => view.setUint32(entry + 24, 10, true)),
      'semantic_prompt.npy is larger than the archive says',
    ],
    [
      'less than it says',
      altered({ level: 9 }, (view, entry) => view.setUint32(entry + 24, 9_999, true)),
      'semantic_prompt.npy is damaged',
    ],
    [
      'a member beyond the end',
      altered({}, (view, entry) => view.setUint32(entry + 42, 0xffff_fff0, true)),
      'semantic_prompt.npy is not where',
    ],
    [
      'an encrypted member',
      altered({}, (view, entry) => view.setUint16(entry + 8, 1, true)),
      'is encrypted',
    ],
    [
      'another compression',
      altered({}, (view, entry) => view.setUint16(entry + 10, 12, true)),
      'compressed by method 12',
    ],
    [
      'a directory elsewhere',
      altered({}, (view) => view.setUint32(find(npz(), END) + 16, 3, true)),
      'The directory of the archive is damaged',
    ],
    [
      'more entries than it has',
      altered({}, (view) => view.setUint16(find(npz(), END) + 10, 9, true)),
      'The directory of the archive is damaged',
    ],
  ])('with %s', (_, archive, fault) => {
    expect(() => readVoiceNpz(archive)).toThrow(fault);
    expect(() => readVoiceNpz(archive)).toThrow(RangeError);
  });

  test('with a member twice', () => {
    const archive = npz({}, { ...npys(), semantic_promp2: npys().semantic_prompt }).slice();
    const text = new TextDecoder('latin1').decode(archive);
    archive[text.lastIndexOf('semantic_promp2') + 14] = 't'.charCodeAt(0);
    expect(() => readVoiceNpz(archive)).toThrow('semantic_prompt.npy twice');
  });

  test('with a bomb, without making room for it', () => {
    const bomb = npz({ level: 9 }, { ...npys(), fine_prompt: new Uint8Array(100_000_000) });
    expect(() => readVoiceNpz(bomb)).toThrow('fine_prompt.npy has 100000000 bytes; no more than');
    // the same with a lie about its size
    const lie = bomb.slice();
    const view = new DataView(lie.buffer, lie.byteOffset, lie.byteLength);
    view.setUint32(find(lie, DIRECTORY, 2) + 24, 1_000, true);
    const before = process.memoryUsage().arrayBuffers;
    const begin = performance.now();
    expect(() => readVoiceNpz(lie)).toThrow('fine_prompt.npy is larger than the archive says');
    expect(performance.now() - begin).toBeLessThan(1_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  });

  test.each([
    ['stored', { level: 0 }],
    ['deflated', { level: 9 }],
  ] as const)('or read, whatever was corrupted in it (%s)', (_, options) => {
    const archive = npz(options);
    for (let seed = 0; seed < 600; seed += 1) {
      expectVoiceOrRangeError(() => readVoiceNpz(corrupted(archive, seed)), seed);
    }
  });

  test('and so is any corrupted .npy', () => {
    for (let seed = 0; seed < 900; seed += 1) {
      const key = VOICE_KEYS[seed % 3] ?? 'fine_prompt';
      const files = npys();
      expectVoiceOrRangeError(
        () => readVoiceNpys({ ...files, [key]: corrupted(files[key], seed) }),
        seed,
      );
    }
  });
});

const VOICES = new URL('../../../shared/reference/voices/', import.meta.url);
const hasVoices = existsSync(VOICES);
if (!hasVoices) process.stdout.write('skipped: the published presets are not on this machine\n');

describe('the published presets', () => {
  interface Published {
    readonly semantic_len: number;
    readonly frames: number;
  }

  test.skipIf(!hasVoices)('are read, all 271, with the lengths of their index', () => {
    const index = JSON.parse(readFileSync(new URL('INDEX.json', VOICES), 'utf8')) as Record<
      string,
      Published
    >;
    const files = readdirSync(VOICES, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.npz'),
    );
    expect(files.length).toBe(271);
    for (const file of files) {
      const voice = readVoiceNpz(readFileSync(new URL(file, VOICES)));
      const published = index[file.replace(/\.npz$/, '')];
      expect(voice.semanticPrompt.length, file).toBe(published?.semantic_len);
      expect(voice.finePrompt.length, file).toBe(8 * (published?.frames ?? 0));
      // in every preset the first two fine codebooks are the coarse ones: the order is right
      expect(voice.finePrompt.subarray(0, voice.coarsePrompt.length), file).toEqual(
        voice.coarsePrompt,
      );
    }
  });

  test.skipIf(!hasVoices)('have one of uint16, the announcer', () => {
    const voice = readVoiceNpz(readFileSync(new URL('announcer.npz', VOICES)));
    expect(voice.semanticPrompt.length).toBe(499);
    expect(voice.coarsePrompt.length).toBe(2 * 750);
  });
});
