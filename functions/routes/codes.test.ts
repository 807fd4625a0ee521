/** The format `codes` at the edge, around a backend that tells codes. */
import { describe, expect, test } from 'vitest';
import { SAMPLE_RATE } from '#shared/bark/constants.ts';
import { CodesReader, type CodesPart } from '#shared/codec/codes-stream.ts';
import { makeEdge } from '../../tests/workers/edge.ts';
import { codeAt, CODES } from '../../tests/workers/fake-backend.ts';
import { FIXTURE_MODEL } from '../../tests/workers/fixture-checkpoint.ts';
import { memoryTakes } from '../../tests/workers/memory-sentences.ts';
import type { TakeRecord, TakeStore } from '../takes/take-store.ts';

const HELLO = { model: FIXTURE_MODEL, vocabulary: null, codes: CODES };
const FRAMES = 100;
const BACKEND = { hello: HELLO, samples: FRAMES * 320 };
const TWO = {
  input:
    'The voice says hello to the world, and the world says hello to the voice. The world is wide, and the voice is in the world and says so to the wide world.',
  response_format: 'codes',
};

interface Read {
  readonly reader: CodesReader;
  readonly parts: readonly CodesPart[];
}

async function read(response: Response): Promise<Read> {
  expect(response.status).toBe(200);
  const reader = new CodesReader();
  const parts = reader.add(await response.bytes());
  expect(reader.hasEnded).toBe(true);
  return { reader, parts };
}

/** The codes of each sentence, and the silences between them. */
function told(parts: readonly CodesPart[]): (number[] | number)[] {
  const all: (number[] | number)[] = [];
  for (const part of parts) {
    if (part.kind === 'sentence') all.push([]);
    else if (part.kind === 'silence') all.push(part.samples);
    else (all.at(-1) as number[]).push(...part.codes);
  }
  return all;
}

function codesOf(row: number): number[] {
  return Array.from({ length: 8 * FRAMES }, (_, i) => codeAt(Math.floor(i / 8), i % 8, row));
}

function takesInMemory(): TakeStore {
  const records = new Map<string, TakeRecord>();
  return {
    get: async (id) => records.get(id) ?? null,
    put: async (record) => void records.set(record.id, record),
  };
}

describe('codes', () => {
  test('say what the backend said, sentence by sentence, with the breath between them', async () => {
    const edge = makeEdge({ backend: BACKEND });
    const response = await edge.speak(TWO);
    expect(response.headers.get('Content-Type')).toBe('audio/vnd.bark-edge.codes');
    const { reader, parts } = await read(response);
    expect(reader.header).toMatchObject({ ...CODES, sampleRate: SAMPLE_RATE, rampSamples: 120 });
    expect(told(parts)).toEqual([codesOf(0), SAMPLE_RATE / 4, codesOf(1)]);
    expect(edge.backend.speaks.map(({ codes }) => codes)).toEqual([CODES.decoder, CODES.decoder]);
  });

  test('are 6 kbit/s and 2 % of order', async () => {
    const response = await makeEdge({ backend: BACKEND }).speak({ ...TWO, input: 'Hello.' });
    const { byteLength } = await response.bytes();
    expect(byteLength).toBeGreaterThan(10 * FRAMES);
    expect(byteLength - 48).toBeLessThan(1.06 * 10 * FRAMES);
  });

  test('name the take that samples would be of, and last as long', async () => {
    const edge = makeEdge({ backend: BACKEND });
    const samples = await edge.speak({ ...TWO, response_format: 'pcm' });
    const codes = await edge.speak({ ...TWO, stream_format: 'sse' });
    expect(codes.headers.get('X-Take-Id')).toBe(samples.headers.get('X-Take-Id'));
    expect(codes.headers.get('X-Seed')).toBe(samples.headers.get('X-Seed'));
    const heard = (await samples.bytes()).byteLength / 2;
    expect(await codes.text()).toContain(`"samples":${heard},`);
    expect(heard).toBe(2 * FRAMES * 320 + SAMPLE_RATE / 4);
  });

  test('have their head before there is a frame, so that the decoder can be fetched meanwhile', async () => {
    const edge = makeEdge({ backend: { ...BACKEND, isSilent: true } });
    const reader = (await edge.speak(TWO)).body?.getReader();
    const head = new CodesReader();
    head.add((await reader?.read())?.value ?? new Uint8Array(0));
    expect(head.header?.decoder).toBe(CODES.decoder);
    await reader?.cancel();
  });

  test('are not made far ahead of a reader that does not read', async () => {
    const edge = makeEdge({
      backend: { ...BACKEND, samples: 60 * SAMPLE_RATE },
      takes: memoryTakes().takes,
    });
    const reader = (await edge.speak({ ...TWO, input: 'Hello.' })).body?.getReader();
    await reader?.read();
    await expect.poll(() => edge.backend.samplesSent).toBeGreaterThan(0);
    // as many turns as would pass all of it, were it not held
    for (let turn = 0; turn < 1_000; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    expect(edge.backend.samplesSent).toBeLessThan(10 * SAMPLE_RATE);
    await reader?.cancel();
  });

  test('are kept beside samples, and played again without a backend', async () => {
    const memory = memoryTakes();
    const edge = makeEdge({ backend: BACKEND, takes: memory.takes });
    const first = await edge.speak(TWO);
    expect(first.headers.get('X-Cache')).toBe('MISS');
    const spoken = told((await read(first)).parts);
    const again = await edge.speak(TWO);
    expect(again.headers.get('X-Cache')).toBe('HIT');
    const { parts } = await read(again);
    expect(told(parts)).toEqual(spoken);
    // what is kept comes at once, and sounds on a slow line before all of it is there
    const sizes = parts.map((part) => (part.kind === 'frames' ? part.codes.length / 8 : 0));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(38);
    expect(edge.backend.speaks).toHaveLength(2);
    const samples = await edge.speak({ ...TWO, response_format: 'pcm' });
    expect(samples.headers.get('X-Cache')).toBe('MISS');
    await samples.bytes();
    expect([...memory.kept.keys()].filter((key) => key.endsWith(CODES.decoder))).toHaveLength(2);
    expect(memory.kept.size).toBe(4);
  });

  test('of a take that was spoken as codes are there again; of one that was not, they are not', async () => {
    const memory = memoryTakes();
    const takeRecords = takesInMemory();
    const edge = makeEdge({ backend: BACKEND, takes: memory.takes, takeRecords });
    const replay = (take: string | null, format: string): Promise<Response> =>
      Promise.resolve(edge.app.request(`/v1/takes/${take}/audio?response_format=${format}`));
    const codes = await edge.speak(TWO);
    const id = codes.headers.get('X-Take-Id');
    const spoken = told((await read(codes)).parts);
    expect(told((await read(await replay(id, 'codes'))).parts)).toEqual(spoken);
    expect((await replay(id, 'pcm')).status).toBe(404);
    const samples = await edge.speak({ ...TWO, seed: 5, response_format: 'pcm' });
    await samples.bytes();
    expect((await replay(samples.headers.get('X-Take-Id'), 'codes')).status).toBe(404);
  });

  test('are refused where the backend tells none, and where any player is to play them', async () => {
    const old = await makeEdge({ backend: { samples: 320 } }).speak(TWO);
    expect(old.status).toBe(400);
    expect(await old.json()).toMatchObject({
      error: { param: 'response_format', message: expect.stringContaining('not offered') },
    });
    const urls = { signer: {}, store: {}, room: () => ({}) } as never;
    const url = await makeEdge({ backend: BACKEND, urls }).app.request('/v1/audio/urls', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(TWO),
    });
    expect(url.status).toBe(400);
    expect(await url.text()).toContain('ask /v1/audio/speech for them');
  });
});

describe('GET /v1/codec', () => {
  const sha256 = 'd0'.repeat(32);
  const file = Uint8Array.of(1, 2, 3, 4);
  const withDecoder = (): ReturnType<typeof makeEdge> =>
    makeEdge({
      findDecoder: async (asked) =>
        asked === sha256 ? { sizeBytes: 4, bytes: new Blob([file]).stream() } : null,
    });

  test('passes the file on, to be kept for good', async () => {
    const { app } = withDecoder();
    const response = await app.request(`/v1/codec/${sha256}.onnx`);
    expect(response.headers.get('Content-Length')).toBe('4');
    expect(response.headers.get('Cache-Control')).toContain('immutable');
    expect(await response.bytes()).toEqual(file);
    const etag = response.headers.get('ETag') ?? '';
    const again = await app.request(`/v1/codec/${sha256}.onnx`, {
      headers: { 'If-None-Match': etag },
    });
    expect(again.status).toBe(304);
  });

  test('HEAD says whether it is there, and the file is not made', async () => {
    const { app } = makeEdge({
      backend: BACKEND,
      findDecoder: () => Promise.reject(new Error('Nobody asks for the file.')),
    });
    const response = await app.request(`/v1/codec/${sha256}.onnx`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('ETag')).toBe(`"${sha256}"`);
    expect(response.headers.get('Content-Type')).toBe('application/octet-stream');
    const other = await app.request(`/v1/codec/${'ab'.repeat(32)}.onnx`, { method: 'HEAD' });
    expect(other.status).toBe(404);
  });

  test.each([
    [`${'ab'.repeat(32)}.onnx`, 'another decoder by now'],
    ['decoder.onnx', 'the header of a stream of codes has it'],
  ])('has no %s', async (name, words) => {
    const response = await withDecoder().app.request(`/v1/codec/${name}`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain(words);
  });
});
