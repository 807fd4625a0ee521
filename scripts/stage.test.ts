import { createHash } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { manifestSchema } from '#shared/bark/manifest.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stageCheckpoint } from './stage.ts';

const NPY = Buffer.from('\u0093NUMPY and so on', 'latin1');
const NPZ = Buffer.from('PK\u0003\u0004 and so on', 'latin1');

let work: string;
let model: string;
let out: string;

beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'stage-'));
  model = join(work, 'bark-test');
  out = join(work, 'staged');
  await put('vocab.txt', '[PAD]\n[UNK]\n');
});
afterEach(() => rm(work, { recursive: true, force: true }));

async function put(path: string, data: string | Buffer): Promise<void> {
  await mkdir(dirname(join(model, path)), { recursive: true });
  await writeFile(join(model, path), data);
}

async function putIndexed(...ids: readonly string[]): Promise<void> {
  const index: Record<string, unknown> = { repo_or_path: 'suno/bark' };
  for (const id of ids) {
    const paths: Record<string, string> = {};
    for (const key of ['semantic_prompt', 'coarse_prompt', 'fine_prompt']) {
      paths[key] = `speaker_embeddings/${id}_${key}.npy`;
      await put(paths[key], Buffer.concat([NPY, Buffer.from(`${id} ${key}`)]));
    }
    index[id] = paths;
  }
  await put('speaker_embeddings_path.json', JSON.stringify(index));
}

async function putIndex(entry: unknown): Promise<void> {
  await put('speaker_embeddings_path.json', JSON.stringify({ evil: entry }));
}

async function stagedManifest() {
  return manifestSchema.parse(JSON.parse(await readFile(join(out, 'bark/manifest.json'), 'utf8')));
}

describe('a staged checkpoint', () => {
  test('has its vocabulary, its voices in the layout of the hub, and a manifest of them', async () => {
    await putIndexed('v2/de_speaker_3', 'announcer');
    const { manifest } = await stageCheckpoint(model, out);
    expect(await stagedManifest()).toEqual(manifest);
    const sha256 = createHash('sha256').update('[PAD]\n[UNK]\n').digest('hex');
    expect(manifest).toMatchObject({
      model: 'bark-test',
      vocabulary: { file: 'bark/vocab.txt', sha256 },
      voices: [
        { id: 'announcer', name: 'announcer', language: null },
        { id: 'v2/de_speaker_3', name: 'German, speaker 3 (v2)', language: 'de' },
      ],
    });
    expect(await readFile(join(out, manifest.vocabulary.file), 'utf8')).toBe('[PAD]\n[UNK]\n');
    const files = manifest.voices[1]?.files as Record<string, string>;
    expect(await readFile(join(out, files['coarse_prompt']!), 'latin1')).toContain(
      'v2/de_speaker_3 coarse_prompt',
    );
  });

  test.each([
    ['voices/en_speaker_1.npz', 'en_speaker_1'],
    ['voices/v2/en_speaker_1.npz', 'v2/en_speaker_1'],
    ['assets/prompts/v2/en_speaker_1.npz', 'v2/en_speaker_1'],
    ['mine.npz', 'mine'],
  ])('takes the voice %s as %s', async (path, id) => {
    await put(path, NPZ);
    const { manifest } = await stageCheckpoint(model, out);
    expect(manifest.voices.map((voice) => voice.id)).toEqual([id]);
    expect(manifest.voices[0]?.files).toEqual({ npz: 'bark/voices/0000.npz' });
    expect(await readFile(join(out, 'bark/voices/0000.npz'))).toEqual(NPZ);
  });

  test.each([
    [['de_speaker_0', 'en_speaker_1', 'v2/en_speaker_6'], 'v2/en_speaker_6'],
    [['de_speaker_0', 'en_speaker_10', 'en_speaker_2'], 'en_speaker_2'],
    [['zh_speaker_0', 'de_speaker_0'], 'de_speaker_0'],
    [[], null],
  ])('of %s speaks by default as %s', async (ids, expected) => {
    await putIndexed(...ids);
    expect((await stageCheckpoint(model, out)).manifest.defaultVoice).toBe(expected);
  });

  test('replaces the one that was staged before', async () => {
    await put('voices/a.npz', NPZ);
    await put('voices/b.npz', NPZ);
    await stageCheckpoint(model, out);
    await rm(join(model, 'voices/b.npz'));
    await stageCheckpoint(model, out);
    expect(await readdir(join(out, 'bark/voices'))).toEqual(['0000.npz']);
    expect((await readdir(work)).toSorted()).toEqual(['bark-test', 'staged']);
  });

  test('is whole when two are staged at once', async () => {
    await putIndexed('a', 'b', 'c');
    await Promise.all([1, 2, 3, 4].map(() => stageCheckpoint(model, out)));
    const { voices } = await stagedManifest();
    expect(voices).toHaveLength(3);
    expect(await readdir(join(out, 'bark/voices'))).toHaveLength(9);
    expect((await readdir(work)).toSorted()).toEqual(['bark-test', 'staged']);
  });

  test('is left as it was when a later staging fails', async () => {
    await stageCheckpoint(model, out);
    await rm(join(model, 'vocab.txt'));
    await expect(stageCheckpoint(model, out)).rejects.toThrow();
    expect((await stagedManifest()).model).toBe('bark-test');
  });

  test('may lie in a cache of the hub, where files are links to blobs', async () => {
    const repository = join(work, 'models--suno--bark-small');
    const snapshot = join(repository, 'snapshots/1dbd7a1');
    await mkdir(join(repository, 'blobs'), { recursive: true });
    await mkdir(snapshot, { recursive: true });
    await writeFile(join(repository, 'blobs/abc'), '[PAD]\n');
    await symlink('../../blobs/abc', join(snapshot, 'vocab.txt'));
    expect((await stageCheckpoint(snapshot, out)).manifest.model).toBe('bark-small');
  });
});

describe('a checkpoint that is not complete', () => {
  test('without a vocabulary is refused with what to do', async () => {
    await rm(join(model, 'vocab.txt'));
    await expect(stageCheckpoint(model, out)).rejects.toThrow(/no vocab\.txt.*Download it/);
  });

  test('keeps the voices that are there and says which are not', async () => {
    await putIndexed('a', 'b');
    await rm(join(model, 'speaker_embeddings/b_fine_prompt.npy'));
    const { manifest, skipped } = await stageCheckpoint(model, out);
    expect(manifest.voices.map(({ id }) => id)).toEqual(['a']);
    expect(skipped).toEqual([expect.stringMatching(/^"b": .*b_fine_prompt\.npy" is missing/)]);
  });

  test.each([
    ['lacks an array', { semantic_prompt: 'x', coarse_prompt: 'y' }],
    ['is no object', 'x'],
    ['holds other things than paths', { semantic_prompt: 1 }],
  ])('leaves out a voice whose entry %s', async (_case, entry) => {
    await put('x', NPY);
    await put('y', NPY);
    await putIndex(entry);
    const { manifest, skipped } = await stageCheckpoint(model, out);
    expect(manifest.voices).toEqual([]);
    expect(skipped).toHaveLength(1);
  });

  test('leaves out files that are not what their name says', async () => {
    await put('voices/page.npz', '<html>');
    const { manifest, skipped } = await stageCheckpoint(model, out);
    expect(manifest.voices).toEqual([]);
    expect(skipped).toEqual(['"page": it is not an .npz file']);
  });

  test('with an index that is not JSON is refused with what to do', async () => {
    await put('speaker_embeddings_path.json', '{');
    await expect(stageCheckpoint(model, out)).rejects.toThrow(/download .* again/);
  });
});

describe('a checkpoint that is not trusted', () => {
  test.each([
    '../secret.npy',
    '/etc/passwd',
    'voices/../../secret.npy',
    String.raw`..\secret.npy`,
    String.raw`C:\x`,
  ])('can not name the path %s', async (path) => {
    await writeFile(join(work, 'secret.npy'), NPY);
    await putIndex({ semantic_prompt: path, coarse_prompt: path, fine_prompt: path });
    await expect(stageCheckpoint(model, out)).rejects.toThrow(JSON.stringify(path));
  });

  test.each(['vocab.txt', 'voices/linked.npz'])(
    'can not link %s to a file outside',
    async (path) => {
      await writeFile(join(work, 'secret'), NPZ);
      await mkdir(join(model, 'voices'));
      await rm(join(model, path), { force: true });
      await symlink(join(work, 'secret'), join(model, path));
      await expect(stageCheckpoint(model, out)).rejects.toThrow(`"${path}" is a link that leaves`);
    },
  );

  test('can not name the staged files', async () => {
    await put('voices/a b$(c).npz', NPZ);
    const { manifest } = await stageCheckpoint(model, out);
    expect(manifest.voices[0]).toMatchObject({
      id: 'a b$(c)',
      files: { npz: 'bark/voices/0000.npz' },
    });
  });

  test('can not have a voice with control characters in its name', async () => {
    await put('speaker_embeddings_path.json', JSON.stringify({ 'a\u001b[2J': {} }));
    const { skipped } = await stageCheckpoint(model, out);
    expect(skipped).toEqual([String.raw`"a\u001b[2J": its name has control characters`]);
  });

  test('can not have a file that is too large for an asset', async () => {
    await put('voices/large.npz', NPZ);
    await truncate(join(model, 'voices/large.npz'), 25 * 1024 * 1024 + 1);
    await expect(stageCheckpoint(model, out)).rejects.toThrow('26214401 bytes');
  });
});
