import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasDigest } from './digest.ts';
import { endpointOf, HubClient } from './hub-client.ts';
import { HubError } from './hub-error.ts';
import { pullRepository, PULL_RECORD, type PullProgress } from './pull.ts';
import { startTestHub, TEST_COMMIT, type TestHub } from './test-hub.ts';

const bytes = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 8)) & 0xff);

const WEIGHTS = bytes(200_000, 7);
const FILES = new Map<string, Uint8Array>([
  ['config.json', new TextEncoder().encode('{"model_type":"bark"}')],
  ['generation_config.json', new TextEncoder().encode('{}')],
  ['vocab.txt', bytes(5_000, 3)],
  ['tokenizer_config.json', new Uint8Array(0)],
  ['speaker_embeddings_path.json', new TextEncoder().encode('{"repo_or_path":"suno/bark-test"}')],
  ['speaker_embeddings/v2/en_speaker_6_semantic_prompt.npy', bytes(300, 5)],
  ['speaker_embeddings/v2/zh speaker#1%_fine_prompt.npy', bytes(2_300, 11)],
  ['pytorch_model.bin', WEIGHTS],
  ['text.pt', bytes(9_000, 2)],
  ['README.md', bytes(90, 2)],
  ['.gitattributes', bytes(90, 2)],
]);
const NEEDED = [...FILES.keys()].slice(0, 8);

let hub: TestHub;
let root: string;
let folder: string;
const waits: number[] = [];

beforeEach(async () => {
  hub = await startTestHub(FILES);
  root = await mkdtemp(join(tmpdir(), 'bark-pull-'));
  folder = join(root, 'suno--bark-test');
  waits.length = 0;
});
afterEach(async () => {
  await hub.close();
  await rm(root, { recursive: true, force: true });
});

interface Choices {
  readonly endpoint?: string;
  readonly token?: string;
  readonly revision?: string;
  readonly repository?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
}

function pull({ endpoint, token, revision, repository, signal, onProgress }: Choices = {}) {
  const client = new HubClient({
    endpoint: endpoint ?? hub.url,
    token: token ?? null,
    wait: async (ms) => void waits.push(ms),
  });
  return pullRepository(
    {
      client,
      repository: repository ?? 'suno/bark-test',
      revision: revision ?? 'main',
      folder,
      ...(onProgress && { onProgress }),
    },
    signal ?? new AbortController().signal,
  );
}

/** What there is, without the record. */
async function filesOf(of: string): Promise<string[]> {
  const entries = await readdir(of, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== PULL_RECORD)
    .map((entry) => join(entry.parentPath, entry.name).slice(of.length + 1))
    .toSorted();
}

const fileRequests = (): string[] =>
  hub.requests.filter(({ path }) => !path.startsWith('/api/')).map(({ path }) => path);

async function expectWhole(): Promise<void> {
  expect(await filesOf(folder)).toEqual(NEEDED.toSorted());
  for (const path of NEEDED) {
    expect(Buffer.compare(await readFile(join(folder, path)), FILES.get(path)!)).toBe(0);
  }
  expect((await readdir(root)).toSorted()).toEqual(['suno--bark-test']);
}

describe('a pull', () => {
  test('brings what is needed, all voices and nothing else, and says what it brought', async () => {
    const seen: PullProgress[] = [];
    const pulled = await pull({ onProgress: (progress) => void seen.push(progress) });
    await expectWhole();
    expect(pulled).toMatchObject({ commit: TEST_COMMIT, files: 8, hasVocabulary: true });
    expect(pulled.downloadedBytes).toBe(pulled.totalBytes);
    expect(seen.at(-1)).toMatchObject({ doneBytes: pulled.totalBytes, files: 8 });
    expect(JSON.parse(await readFile(join(folder, PULL_RECORD), 'utf8'))).toMatchObject({
      repository: 'suno/bark-test',
      revision: 'main',
      commit: TEST_COMMIT,
    });
    expect((await stat(join(folder, 'config.json'))).mode & 0o700).toBe(0o600);
  });

  test('a second one checks and fetches nothing; what was damaged comes again', async () => {
    await pull();
    hub.requests.length = 0;
    expect((await pull()).downloadedBytes).toBe(0);
    expect(fileRequests()).toEqual([]);
    await writeFile(join(folder, 'pytorch_model.bin'), bytes(WEIGHTS.length, 8));
    expect((await pull()).downloadedBytes).toBe(WEIGHTS.length);
    expect(fileRequests()).toHaveLength(2); // the hub and the CDN
    await expectWhole();
  });

  test('a revision is asked for by name, its files by commit', async () => {
    await pull({ revision: 'refs/pr/1' });
    expect(hub.requests[0]?.path).toBe(
      '/api/models/suno/bark-test/revision/refs%2Fpr%2F1?blobs=true',
    );
    expect(fileRequests()).toContain(`/suno/bark-test/resolve/${TEST_COMMIT}/config.json`);
  });

  test.each([
    [['model.safetensors', 'pytorch_model.bin'], ['model.safetensors']],
    [
      ['model.safetensors.index.json', 'model-00001-of-00001.safetensors', 'pytorch_model.bin'],
      ['model-00001-of-00001.safetensors', 'model.safetensors.index.json'],
    ],
  ])('of the weights %j it takes %j', async (there, taken) => {
    hub.files.clear();
    for (const path of ['config.json', ...there]) hub.files.set(path, bytes(20, 1));
    await pull();
    expect(await filesOf(folder)).toEqual(['config.json', ...taken]);
  });

  test('another revision replaces the folder as a whole', async () => {
    await pull();
    hub.files.delete('pytorch_model.bin');
    hub.files.set('model.safetensors', bytes(3_000, 9));
    hub.requests.length = 0;
    await pull();
    expect(fileRequests()).toHaveLength(2);
    expect(await filesOf(folder)).not.toContain('pytorch_model.bin');
    expect(await filesOf(folder)).toContain('model.safetensors');
  });

  test.skipIf(process.platform === 'win32')(
    'a folder that is a link is replaced, not written through',
    async () => {
      const elsewhere = join(root, 'elsewhere');
      await mkdir(elsewhere);
      await symlink(elsewhere, folder);
      await pull();
      expect(await readdir(elsewhere)).toEqual([]);
    },
  );
});

describe('a token', () => {
  test('goes to the hub alone, never to where files are redirected to', async () => {
    hub.token = 'hf_secret';
    await pull({ token: 'hf_secret' });
    const bearers = (host: string) =>
      new Set(
        hub.requests.filter((one) => one.host === host).map(({ headers }) => headers.authorization),
      );
    expect(bearers('hub')).toEqual(new Set(['Bearer hf_secret']));
    expect(bearers('cdn')).toEqual(new Set([undefined]));
    expect(await readFile(join(folder, PULL_RECORD), 'utf8')).not.toContain('hf_secret');
  });

  test.each(['two words', 'line\nbreak', 'umlaut-ä'])(
    '%j is refused before it is sent, and not repeated',
    (token) => {
      expect(() => pull({ token })).toThrow('copy it again');
      expect(() => pull({ token })).not.toThrow(token);
    },
  );

  test('does not travel unencrypted', () => {
    const open = () => new HubClient({ endpoint: 'http://hub.example', token: 'hf_secret' });
    expect(open).toThrow('unencrypted');
  });
});

describe('what is broken on the way', () => {
  test('a cut connection is taken up where it ended', async () => {
    hub.faults.set('pytorch_model.bin', [{ type: 'cut', afterBytes: 70_000 }]);
    await pull();
    await expectWhole();
    const ranges = hub.requests.flatMap(({ host, path, headers }) =>
      host === 'cdn' && path.includes('pytorch') ? [headers.range] : [],
    );
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)]);
  });

  test('an interrupted pull leaves nothing half done and the next one goes on', async () => {
    const stop = new AbortController();
    hub.faults.set('pytorch_model.bin', [{ type: 'cut', afterBytes: 70_000 }]);
    const client = new HubClient({
      endpoint: hub.url,
      token: null,
      wait: async (_, signal) => {
        stop.abort(new Error('Ctrl-C'));
        signal.throwIfAborted();
      },
    });
    const plan = { client, repository: 'suno/bark-test', revision: 'main', folder };
    await expect(pullRepository(plan, stop.signal)).rejects.toThrow('Ctrl-C');
    expect(existsSync(folder)).toBe(false);
    expect(await readdir(root)).toEqual(['suno--bark-test.partial']);
    expect((await stat(`${folder}.partial/pytorch_model.bin.partial`)).size).toBeGreaterThan(0);
    const { downloadedBytes, totalBytes } = await pull();
    expect(downloadedBytes).toBeLessThan(totalBytes);
    await expectWhole();
  });

  test('what was there already does not count as fetched', async () => {
    await mkdir(`${folder}.partial`, { recursive: true });
    await writeFile(`${folder}.partial/pytorch_model.bin.partial`, WEIGHTS.subarray(0, 150_000));
    const seen: PullProgress[] = [];
    const { totalBytes } = await pull({ onProgress: (progress) => void seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({
      doneBytes: totalBytes,
      fetchedBytes: totalBytes - 150_000,
    });
  });

  test('a range that is not heeded begins anew', async () => {
    hub.faults.set('pytorch_model.bin', [{ type: 'cut', afterBytes: 70_000 }, { type: 'whole' }]);
    await pull();
    await expectWhole();
  });

  test.each([
    ['too much', bytes(WEIGHTS.length + 5, 1)],
    ['all of it, and wrong', bytes(WEIGHTS.length, 1)],
    ['a wrong beginning', bytes(1_000, 1)],
  ])('%s from an earlier time is dropped', async (_, left) => {
    await mkdir(`${folder}.partial`, { recursive: true });
    await writeFile(`${folder}.partial/pytorch_model.bin.partial`, left);
    await writeFile(`${folder}.partial/of-another-revision.bin`, left);
    await pull();
    await expectWhole();
  });

  test('416 begins anew', async () => {
    await mkdir(`${folder}.partial`, { recursive: true });
    await writeFile(`${folder}.partial/pytorch_model.bin.partial`, WEIGHTS.subarray(0, 50));
    hub.faults.set('pytorch_model.bin', [{ type: 'status', status: 416 }]);
    await pull();
    await expectWhole();
  });

  test('a busy hub is asked again after as long as it says', async () => {
    hub.faults.set('listing', [
      { type: 'status', status: 429, headers: { 'Retry-After': '7' } },
      { type: 'status', status: 503 },
    ]);
    await pull();
    expect(waits).toEqual([7_000, 1_000]);
  });

  test('and not for ever', async () => {
    const faults = Array.from({ length: 9 }, () => ({ type: 'status', status: 503 }) as const);
    hub.faults.set('pytorch_model.bin', faults);
    await expect(pull()).rejects.toThrow('answered 503, 6 times');
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
  });

  test('nor as long as an hour', async () => {
    hub.faults.set('listing', [
      { type: 'status', status: 429, headers: { 'Retry-After': '3600' } },
    ]);
    await expect(pull()).rejects.toThrow('asks to wait 3600 s');
  });

  test('a hub that is not there is named at once, with what helps', async () => {
    await hub.close();
    await expect(pull()).rejects.toThrow(
      `${hub.url} can not be reached (ECONNREFUSED); check the address in --endpoint`,
    );
    expect(waits).toEqual([]);
    expect(await readdir(root)).toEqual([]);
  });

  test.each([
    ['http://nobody.invalid', /nobody\.invalid can not be reached \((?:ENOTFOUND|EAI_AGAIN)\)/],
    ['http://127.0.0.1:1', /127\.0\.0\.1:1 can not be reached \(HTTP may not use this port\)/],
    ['http://127.0.0.1:0', /127\.0\.0\.1:0 can not be reached \((?:ECONNREFUSED|EADDRNOTAVAIL)\)/],
  ])('so is %s', async (endpoint, message) => {
    await expect(pull({ endpoint })).rejects.toThrow(message);
    expect(waits).toEqual([]);
  });

  test('who speaks no TLS is not asked again', async () => {
    const endpoint = hub.url.replace('http:', 'https:');
    await expect(pull({ endpoint })).rejects.toThrow(/no safe connection .*(?:ERR_SSL|EPROTO)/);
    expect(waits).toEqual([]);
  });

  test('a hub that goes away between two answers is waited for', async () => {
    hub.faults.set('pytorch_model.bin', [{ type: 'cut', afterBytes: 70_000 }]);
    const pulling = pull({ onProgress: () => void hub.close() });
    await expect(pulling).rejects.toThrow(/, 6 times; .*it goes on where it was/);
    expect(waits.length).toBeGreaterThanOrEqual(5);
  });
});

describe('what is refused', () => {
  const wrong = bytes(WEIGHTS.length, 9);

  test('a file with another checksum, which is removed', async () => {
    hub.faults.set('pytorch_model.bin', [{ type: 'bytes', bytes: wrong }]);
    await expect(pull()).rejects.toThrow(/another checksum \(sha256\).*removed/);
    expect(existsSync(folder)).toBe(false);
    expect(await filesOf(`${folder}.partial`)).not.toContain('pytorch_model.bin.partial');
    expect(await filesOf(`${folder}.partial`)).not.toContain('pytorch_model.bin');
  });

  test('a small file with another checksum', async () => {
    hub.faults.set('config.json', [{ type: 'bytes', bytes: bytes(21, 1) }]);
    await expect(pull()).rejects.toThrow('another checksum (git-sha1)');
  });

  test('a file that is longer than listed', async () => {
    hub.faults.set('pytorch_model.bin', [{ type: 'bytes', bytes: bytes(WEIGHTS.length + 1, 7) }]);
    await expect(pull()).rejects.toThrow('longer than the 200000 bytes');
    expect(await filesOf(`${folder}.partial`)).not.toContain('pytorch_model.bin.partial');
  });

  test('a file that is shorter than listed', async () => {
    const short = { type: 'bytes', bytes: WEIGHTS.subarray(0, 100) } as const;
    hub.faults.set(
      'pytorch_model.bin',
      Array.from({ length: 20 }, () => short),
    );
    await expect(pull()).rejects.toThrow('shorter than the 200000 bytes');
    expect(existsSync(folder)).toBe(false);
  });

  test.each([
    ['another size', { 'X-Linked-Size': '9' }, 'sends 9 bytes where its listing has 5000'],
    ['another commit', { 'X-Repo-Commit': 'f'.repeat(40) }, 'sends commit ffffffffffff instead'],
  ])('headers that tell %s than the listing', async (_, headers, message) => {
    // served by the hub itself: the CDN's headers come second
    hub.files.set('vocab.txt', bytes(500, 1));
    hub.faults.set('vocab.txt', [{ type: 'headers', headers }]);
    await expect(pull()).rejects.toThrow(message.replace('5000', '500'));
  });

  test.each([
    '../escape.npy',
    'speaker_embeddings/../../escape.npy',
    '/etc/passwd.npy',
    'speaker_embeddings\\..\\x.npy',
    'C:/x.npy',
    'speaker_embeddings//x.npy',
    'speaker_embeddings/a\nb.npy',
  ])('a listing that names %j, before anything is downloaded', async (path) => {
    hub.files.set(path, bytes(10, 1));
    await expect(pull()).rejects.toThrow('may leave the folder');
    expect(fileRequests()).toEqual([]);
  });

  test.each<[string, string]>([
    ['speaker_embeddings/CON.npy', 'can not store'],
    ['speaker_embeddings/nul/x.npy', 'can not store'],
    ['speaker_embeddings/v2 /x.npy', 'can not store'],
    ['speaker_embeddings/what?.npy', 'can not store'],
    ['speaker_embeddings/V2/en_speaker_6_semantic_prompt.npy', 'can not tell apart'],
    ['speaker_embeddings/v2/en_speaker_6_semantic_prompt.npy/x.npy', 'is itself a file'],
  ])('a voice that names %j, which not every system has', async (path, fault) => {
    hub.files.set(path, bytes(10, 1));
    await expect(pull()).rejects.toThrow(fault);
    expect(fileRequests()).toEqual([]);
  });

  test.each<[string, (listing: Record<string, unknown>) => unknown]>([
    ['is empty', () => ({})],
    ['is a list', () => []],
    ['has no commit', (listing) => ({ ...listing, sha: 'main' })],
    [
      'has a negative size',
      (listing) => ({ ...listing, siblings: [{ rfilename: 'a', size: -1 }] }),
    ],
    ['has no size', (listing) => ({ ...listing, siblings: [{ rfilename: 'a' }] })],
    [
      'names a file twice',
      (listing) => ({
        ...listing,
        siblings: [1, 2].map((size) => ({ rfilename: 'config.json', size })),
      }),
    ],
  ])('a listing that %s', async (_, change) => {
    hub.listing = change;
    await expect(pull()).rejects.toThrow(HubError);
  });

  test('more than the disk has', async () => {
    hub.listing = (listing) => ({
      ...listing,
      siblings: [
        { rfilename: 'config.json', size: 1 },
        { rfilename: 'model.safetensors', size: 2 ** 41, lfs: { sha256: 'a'.repeat(64) } },
      ],
    });
    await expect(pull()).rejects.toThrow(/more bytes are needed and the disk .* BARK_CACHE/);
  });

  test('a place that can not be written, by its name', async () => {
    await writeFile(join(root, 'file'), '');
    folder = join(root, 'file', 'suno--bark-test');
    await expect(pull()).rejects.toThrow(/file\/suno--bark-test can not be written .*BARK_CACHE/);
    await expect(pull()).rejects.toThrow(HubError);
  });

  test('a repository without weights that can be read', async () => {
    hub.files.delete('pytorch_model.bin');
    await expect(pull()).rejects.toThrow("Suno's own .pt files are not among them");
  });

  test.each([
    [{ status: 401, headers: { 'X-Error-Code': 'RepoNotFound' } }, /private or misspelt.*--token/],
    [{ status: 403, headers: { 'X-Error-Code': 'GatedRepo' } }, /gated: accept its conditions/],
    [{ status: 403 }, /ask its owner/],
    [{ status: 404 }, /does not exist on the hub/],
    [{ status: 418 }, /answered 418/],
  ])('%j is told with what helps', async (fault, message) => {
    hub.faults.set('listing', [{ type: 'status', ...fault }]);
    await expect(pull()).rejects.toThrow(message);
  });

  test('a revision that is not there', async () => {
    await expect(pull({ revision: 'nope' })).rejects.toThrow('no such revision');
  });

  test.each(['bark', 'a/b/c', '../x', 'a/..', 'a/b--c', ''])('%j as a repository', async (id) => {
    await expect(pull({ repository: id })).rejects.toThrow('is not the id of a repository');
  });

  test.each([
    'ftp://hub',
    'hub',
    'https://name:secret@hub',
    'https://:secret@hub',
    'https://hub?token=secret',
    'https://hub#secret',
    'https://hub:99999',
    'https://hub:-1',
    '',
  ])('%j as an endpoint', (endpoint) => {
    expect(() => new HubClient({ endpoint, token: null })).toThrow(/^The endpoint must be/);
    expect(() => new HubClient({ endpoint, token: null })).not.toThrow(/secret/);
  });
});

describe('two at a time', () => {
  test('the second is told who is at work', async () => {
    const lock = `${folder}.lock`;
    await mkdir(dirname(lock), { recursive: true });
    await writeFile(lock, `${process.pid} ${hostname()} another\n`);
    await expect(pull()).rejects.toThrow(`process ${process.pid}`);
    expect(existsSync(lock)).toBe(true);
  });

  test('a lock whose owner died is taken over', async () => {
    // no process has this number: it is above what systems give
    await writeFile(`${folder}.lock`, `999999999 ${hostname()} dead\n`);
    await pull();
    await expectWhole();
  });

  test('of two that begin together one wins, or both one after the other', async () => {
    const results = await Promise.allSettled([pull(), pull()]);
    const refused = results.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]?.reason).toBeInstanceOf(HubError);
    await expectWhole();
  });
});

test('the endpoint is what is named, else what the environment says, else the public hub', () => {
  expect(endpointOf('https://a.example', { HF_ENDPOINT: 'https://b.example' })).toBe(
    'https://a.example',
  );
  expect(endpointOf(undefined, { HF_ENDPOINT: 'https://b.example' })).toBe('https://b.example');
  expect(endpointOf(undefined, { HF_ENDPOINT: ' ' })).toBe('https://huggingface.co');
});

test('the names that git gives to blobs are known', async () => {
  const path = join(root, 'blob');
  await writeFile(path, 'hello\n');
  const digest = { kind: 'git-sha1', hex: 'ce013625030ba8dba906f756967f9e9ca394464a' } as const;
  expect(await hasDigest(path, 6, digest, new AbortController().signal)).toBe(true);
  expect(await hasDigest(path, 7, digest, new AbortController().signal)).toBe(false);
});
