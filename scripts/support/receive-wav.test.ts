import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wavHeader } from '#shared/audio/wav.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileSink, receiveWav } from './receive-wav.ts';
import { readWavFormat } from './wav-stream.ts';

const SAMPLES = 2_400;
const STREAMED = Buffer.concat([wavHeader(24_000, null), Buffer.alloc(2 * SAMPLES, 7)]);

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'say-'));
  path = join(folder, 'out.wav');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function* inChunksOf(sizeBytes: number, bytes: Uint8Array, failure?: Error) {
  for (let at = 0; at < bytes.length; at += sizeBytes) {
    await Promise.resolve();
    yield bytes.subarray(at, at + sizeBytes);
  }
  if (failure !== undefined) throw failure;
}

async function receive(chunks: AsyncIterable<Uint8Array>) {
  let nowMs = 1_000;
  return receiveWav(chunks, {
    sink: await fileSink(path),
    beganMs: 1_000,
    // each look at the clock is a second later
    now: () => (nowMs += 1_000),
    onProgress: () => undefined,
  });
}

test.each([1, 7, 43, 44, 45, 10_000])(
  'a stream that comes %d bytes at a time becomes a file with its true lengths',
  async (sizeBytes) => {
    const received = await receive(inChunksOf(sizeBytes, STREAMED));
    expect(received).toEqual({ audioSeconds: 0.1, firstAudioMs: 1_000 });
    const expected = Buffer.concat([wavHeader(24_000, SAMPLES), Buffer.alloc(2 * SAMPLES, 7)]);
    expect((await readFile(path)).equals(expected)).toBe(true);
  },
);

const failure = new Error('terminated');

test('what came before a failure is kept beside, as a file that plays, and told', async () => {
  await writeFile(path, 'precious');
  await expect(receive(inChunksOf(100, STREAMED.subarray(0, 1_044), failure))).rejects.toThrow(
    `The server broke off after 0.02 s of audio; its log says why. What came is in ${path}.part.`,
  );
  const part = await readFile(`${path}.part`);
  expect(part.subarray(0, 44).equals(Buffer.from(wavHeader(24_000, 500)))).toBe(true);
  expect(await readFile(path, 'utf8')).toBe('precious');
});

test.each([
  ['a failure', failure, 'The server broke off before the first audio; its log says why.'],
  ['an empty answer', undefined, 'The server sent no audio.'],
])('%s without audio leaves the file that was there, and nothing else', async (_, why, message) => {
  await writeFile(path, 'precious');
  await expect(receive(inChunksOf(44, STREAMED.subarray(0, 44), why))).rejects.toThrow(message);
  expect(await readFile(path, 'utf8')).toBe('precious');
  expect(await readdir(folder)).toEqual(['out.wav']);
});

test('a file that was there is replaced by a whole one, behind a link as well', async () => {
  await writeFile(join(folder, 'real.wav'), 'old');
  await symlink('real.wav', path);
  await receive(inChunksOf(100, STREAMED));
  expect((await readFile(join(folder, 'real.wav'))).length).toBe(STREAMED.length);
  expect((await readdir(folder)).toSorted()).toEqual(['out.wav', 'real.wav']);
});

test('where no file can be is told at once', async () => {
  await mkdir(path);
  await expect(fileSink(path)).rejects.toThrow('is a folder; name a file in it');
  await expect(fileSink(join(folder, 'none/x.wav'))).rejects.toThrow(
    `there is no folder ${join(folder, 'none')}; make it first`,
  );
});

test('chunks before the samples are passed over', () => {
  const header = wavHeader(24_000, null);
  const list = Buffer.from('LIST\u0003\u0000\u0000\u0000abc\u0000', 'latin1');
  const bytes = Buffer.concat([header.subarray(0, 36), list, header.subarray(36)]);
  expect(readWavFormat(bytes)).toEqual({ dataOffset: 56, bytesPerSecond: 48_000 });
});

test('what is no WAV is refused', () => {
  expect(() => readWavFormat(Buffer.from('{"error": "not audio"}'))).toThrow('no WAV');
  expect(() =>
    readWavFormat(Buffer.concat([Buffer.from('RIFF....WAVE'), Buffer.alloc(70_000)])),
  ).toThrow('no samples');
});
