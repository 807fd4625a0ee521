/** The engine in its thread, on the embedded checkpoint. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textTokens } from '#shared/bark/shapes.ts';
import { decodeInChunks } from '#shared/codec/decode-in-chunks.ts';
import type { SpeechEvent, SpeechRequest } from '../pipeline/synthesizer.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import { openBarkModels } from '../models/bark-models.ts';
import { readDecoderFile } from '../models/decoder-file.ts';
import { makeDecoderFile } from './decoder-file.ts';
import { startEngine, type Engine } from './engine.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const REQUEST: SpeechRequest = {
  text: textTokens(Int32Array.of(5, 6, 7)),
  voice: null,
  options: {},
  latency: 'exact',
  seed: 7,
  row: 0,
};
let engine: Engine;

beforeAll(async () => {
  engine = await startEngine({
    folder: TINY,
    model: 'bark-tiny',
    threads: 1,
    precision: 'fp32',
    device: 'cpu',
    rows: 8,
    offload: false,
  });
});
afterAll(() => engine.close());

const samplesOf = (events: readonly SpeechEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'audio' ? Array.from(event.samples) : []));

test('it says what it has loaded', () => {
  expect(engine.info).toMatchObject({
    model: 'bark-tiny',
    sampleRate: 24_000,
    maxSentenceTokens: 256,
  });
  expect(engine.info.vocabulary).toMatch(/^[0-9a-f]{64}$/);
});

test('its fingerprint tells precisions apart', async () => {
  const other = await startEngine({
    folder: TINY,
    model: 'bark-tiny',
    threads: 1,
    precision: 'fp16',
    device: 'cpu',
    rows: 8,
    offload: false,
  });
  await other.close();
  expect(engine.info.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(other.info.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(other.info.fingerprint).not.toBe(engine.info.fingerprint);
});

describe('codes', () => {
  test('decode to the samples of the same take, and cost no decoding here', async () => {
    const { signal } = new AbortController();
    const samples = samplesOf(await Array.fromAsync(engine.speak(REQUEST, signal)));
    const events = await Array.fromAsync(engine.speak({ ...REQUEST, content: 'codes' }, signal));
    expect(samplesOf(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ report: { codec: { ms: 0, steps: 0 } } });
    const checkpoint = await openCheckpoint(TINY);
    const models = await openBarkModels(checkpoint, { threads: 1 });
    await checkpoint.tensors.close();
    async function* pieces() {
      for (const event of events) if (event.type === 'codes') yield event.codes;
    }
    const sizes = { codebooks: 8, codebookSize: 1_024 };
    const decoded: number[] = [];
    for await (const chunk of decodeInChunks(models.codec, pieces(), sizes, signal)) {
      decoded.push(...chunk);
    }
    await models.release();
    expect(decoded).toEqual(samples);
  });

  test('their decoder is made in a thread of its own, as it is here', async () => {
    expect(await makeDecoderFile(TINY)).toEqual(await readDecoderFile(TINY));
    await expect(makeDecoderFile('/nowhere')).rejects.toThrow('nowhere');
  });
});

describe('speaking', () => {
  test('gives progress, then audio, then done; the same seed gives the same samples', async () => {
    const signal = new AbortController().signal;
    const events = await Array.fromAsync(engine.speak(REQUEST, signal));
    expect(events.at(0)?.type).toBe('progress');
    expect(events.at(-1)?.type).toBe('done');
    const samples = samplesOf(events);
    expect(samples.length).toBeGreaterThan(0);
    expect(samplesOf(await Array.fromAsync(engine.speak(REQUEST, signal)))).toEqual(samples);
    expect(
      samplesOf(await Array.fromAsync(engine.speak({ ...REQUEST, seed: 8 }, signal))),
    ).not.toEqual(samples);
  });

  test('two speeches at once do not disturb each other', async () => {
    const signal = new AbortController().signal;
    const alone = samplesOf(await Array.fromAsync(engine.speak(REQUEST, signal)));
    const [one, two] = await Promise.all([
      Array.fromAsync(engine.speak(REQUEST, signal)),
      Array.fromAsync(engine.speak({ ...REQUEST, seed: 9 }, signal)),
    ]);
    expect(samplesOf(one)).toEqual(alone);
    expect(samplesOf(two)).not.toEqual(alone);
  });
});

describe('cancelling', () => {
  test('by signal throws its reason at once and the engine speaks on for others', async () => {
    const stop = new AbortController();
    const speech = engine.speak(REQUEST, stop.signal)[Symbol.asyncIterator]();
    await speech.next();
    const pending = speech.next();
    stop.abort(new Error('enough'));
    await expect(pending.then(() => speech.next())).rejects.toThrow('enough');
    const events = await Array.fromAsync(engine.speak(REQUEST, new AbortController().signal));
    expect(events.at(-1)?.type).toBe('done');
  });

  test('by leaving the loop is as good', async () => {
    for await (const event of engine.speak(REQUEST, new AbortController().signal)) {
      expect(event.type).toBe('progress');
      break;
    }
    const events = await Array.fromAsync(engine.speak(REQUEST, new AbortController().signal));
    expect(events.at(-1)?.type).toBe('done');
  });

  test('an aborted signal never begins', async () => {
    const speech = Array.fromAsync(engine.speak(REQUEST, AbortSignal.abort(new Error('too late'))));
    await expect(speech).rejects.toThrow('too late');
  });
});

describe('what goes wrong', () => {
  test('a folder without a checkpoint is refused with what was looked for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bark-empty-'));
    await expect(
      startEngine({
        folder,
        model: 'none',
        threads: 1,
        precision: 'fp32',
        device: 'cpu',
        rows: 8,
        offload: false,
      }),
    ).rejects.toThrow('config.json');
    await rm(folder, { recursive: true });
  });

  test('ids outside the vocabulary fail that speech alone, as an internal fault without their value', async () => {
    const wrong = { ...REQUEST, text: textTokens(Int32Array.of(9_999_999)) };
    await expect(
      Array.fromAsync(engine.speak(wrong, new AbortController().signal)),
    ).rejects.toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('9999999') as string,
    });
  });
});
