/** As its users meet it: real workerd, the real inference server, real clients, real audio tools. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWavFormat } from '../../scripts/support/wav-stream.ts';
import { startHalves, type Halves } from '../support/halves.ts';

const run = promisify(execFile);
const TEXT = 'Hello, my dog is cute. He barks at the moon every night! Is that not nice?';
const LONG_TEXT = Array.from(
  { length: 12 },
  (_, i) => `This is sentence number ${i + 1} of a rather long text.`,
).join(' ');

/** Sentences so long that each takes the tiny model seconds. */
const LONG_SENTENCES = Array.from(
  { length: 6 },
  (_, i) =>
    `Sentence number ${i + 1} goes on and on about a dog that barks at the moon, about the moon ` +
    'that does not answer, and about the night that never seems to end for either of them.',
).join(' ');
/** Who waits at the same time: so many that the first sound of the last is seconds away, however fast the machine. */
const IMPATIENT_CLIENTS = 16;

let halves: Halves;
let openai: OpenAI;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bark-edge-'));
  halves = await startHalves();
  openai = new OpenAI({ baseURL: `${halves.url}/v1`, apiKey: 'none', maxRetries: 0 });
}, 120_000);
afterAll(async () => {
  await halves?.stop();
  await rm(folder, { recursive: true, force: true });
});

const speechUrl = (input: string, more: Record<string, string> = {}): string =>
  `${halves.url}/v1/audio/speech?${new URLSearchParams({ input, response_format: 'wav', ...more }).toString()}`;

async function hasTool(name: string): Promise<boolean> {
  return run(name, ['--version']).then(
    () => true,
    (error: { code?: unknown }) => error.code !== 'ENOENT',
  );
}

/** The samples alone: what comes before them depends on how long they were waited for. */
async function samplesOf(response: Response): Promise<Uint8Array> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.subarray(readWavFormat(bytes)?.dataOffset);
}

const spokenSince = (from: number): number =>
  halves.backendLog.slice(from).filter((entry) => entry['event'] === 'spoken').length;

/** Pieces of a response body with the time at which each came. */
async function readTimed(response: Response): Promise<{ bytes: Uint8Array; atMs: number }[]> {
  const pieces = [];
  for await (const bytes of response.body ?? []) pieces.push({ bytes, atMs: performance.now() });
  return pieces;
}

describe('a text over HTTP', () => {
  test('sounds before it is generated to the end', async () => {
    const from = halves.backendLog.length;
    const response = await fetch(speechUrl(LONG_TEXT));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('audio/wav');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let received = new Uint8Array(0);
    while (readWavFormat(received) === null) {
      received = Buffer.concat([received, (await reader.read()).value ?? new Uint8Array(0)]);
    }
    expect(spokenSince(from)).toBeLessThan(12);
    await reader.cancel();
  });

  test('is the same audio for the same request, another for another seed', async () => {
    const first = await fetch(speechUrl(TEXT));
    const audio = await samplesOf(first);
    const seed = first.headers.get('x-seed') ?? '';
    expect(seed).toMatch(/^\d+$/);
    expect(await samplesOf(await fetch(speechUrl(TEXT)))).toEqual(audio);
    expect(await samplesOf(await fetch(speechUrl(TEXT, { seed })))).toEqual(audio);
    expect(await samplesOf(await fetch(speechUrl(TEXT, { seed: '1' })))).not.toEqual(audio);
  }, 120_000);

  test('in another voice is other audio', async () => {
    const { voices } = (await (await fetch(`${halves.url}/v1/voices`)).json()) as {
      voices: { voice_id: string }[];
    };
    expect(voices.length).toBeGreaterThanOrEqual(2);
    const [one, two] = await Promise.all(
      voices
        .slice(0, 2)
        .map(async ({ voice_id: voice }) =>
          samplesOf(await fetch(speechUrl('Hello there.', { voice, seed: '3' }))),
        ),
    );
    expect(one).not.toEqual(two);
  });

  test('as wav of unknown length is read by ffprobe and sox', async ({ skip }) => {
    if (!(await hasTool('ffprobe')) || !(await hasTool('sox')))
      skip('ffprobe or sox is not installed');
    const response = await fetch(speechUrl(TEXT));
    const bytes = new Uint8Array(await response.arrayBuffer());
    const file = join(folder, 'speech.wav');
    await writeFile(file, bytes);
    const { dataOffset } = readWavFormat(bytes) ?? { dataOffset: 0 };
    const seconds = (bytes.byteLength - dataOffset) / 2 / 24_000;
    const { stdout } = await run('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', file]);
    const [stream] = (JSON.parse(stdout) as { streams: Record<string, unknown>[] }).streams;
    expect(stream).toMatchObject({ codec_name: 'pcm_s16le', sample_rate: '24000', channels: 1 });
    const raw = join(folder, 'speech.raw');
    await run('sox', ['--ignore-length', file, '-t', 'raw', raw]);
    expect((await readFile(raw)).byteLength / 2 / 24_000).toBeCloseTo(seconds, 3);
  });

  test.each([
    ['mp3', 'audio/mpeg', 'mp3'],
    ['opus', 'audio/ogg; codecs=opus', 'opus'],
    ['aac', 'audio/aac', 'aac'],
    ['flac', 'audio/flac', 'flac'],
  ])('as %s is %s, and read by ffprobe', async (format, mediaType, codec) => {
    const response = await fetch(speechUrl(TEXT, { response_format: format }));
    expect(response.headers.get('content-type')).toBe(mediaType);
    const file = join(folder, `speech.${format}`);
    await writeFile(file, new Uint8Array(await response.arrayBuffer()));
    if (!(await hasTool('ffprobe'))) return;
    const { stdout, stderr } = await run('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_name,channels:format_tags:stream_tags',
      file,
    ]);
    expect(stderr).toBe('');
    expect(stdout).toContain(`codec_name=${codec}`);
    expect(stdout).toContain('trainedAlgorithmicMedia');
  });

  test('at twice the speed has half the samples, at a third of the rate a third', async () => {
    const whole = await samplesOf(await fetch(speechUrl(TEXT, { seed: '5' })));
    const fast = await samplesOf(await fetch(speechUrl(TEXT, { seed: '5', speed: '2' })));
    const low = await samplesOf(await fetch(speechUrl(TEXT, { seed: '5', sample_rate: '8000' })));
    expect(fast.length / whole.length).toBeCloseTo(0.5, 1.5);
    expect(low.length / whole.length).toBeCloseTo(1 / 3, 3);
  });

  test('as pcm is the same samples without a header', async () => {
    const wav = await samplesOf(await fetch(speechUrl(TEXT, { seed: '5' })));
    const response = await fetch(speechUrl(TEXT, { seed: '5', response_format: 'pcm' }));
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(wav);
  });
});

describe("OpenAI's client", () => {
  test('streams speech', async () => {
    const response = await openai.audio.speech.create({
      model: 'tts-1',
      voice: 'alloy',
      input: TEXT,
      response_format: 'wav',
    });
    const pieces = await readTimed(response as unknown as Response);
    const header = Buffer.from(pieces[0]?.bytes ?? []).toString('latin1', 0, 4);
    expect(header).toBe('RIFF');
    expect(pieces.length).toBeGreaterThan(1);
  });

  test('is told what formats there are', async () => {
    const speech = openai.audio.speech.create({
      model: 'tts-1',
      voice: 'alloy',
      input: 'Hi.',
      response_format: 'ogg' as 'opus',
    });
    await expect(speech).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('wav') as string,
    });
  });

  test('lists the models', async () => {
    const models = await openai.models.list();
    expect(models.data.length).toBeGreaterThan(0);
    expect(models.data[0]).toMatchObject({ object: 'model' });
  });
});

describe('a client that hangs up', () => {
  test('stops the generation, and the log says at which stage and step', async () => {
    const from = halves.backendLog.length;
    await new Promise<void>((resolve, reject) => {
      const call = request(speechUrl(LONG_TEXT), (response) => {
        response.once('data', () => {
          call.destroy();
          resolve();
        });
      });
      call.on('error', reject);
      call.end();
    });
    const line = await halves.logged((entry) => entry['event'] === 'cancelled', from);
    expect(line).toMatchObject({
      stage: expect.any(String) as string,
      step: expect.any(Number) as number,
    });
    expect(spokenSince(from)).toBeLessThan(12);
  });

  test.each(['audio', 'sse'])(
    'before the first sound of its %s is noticed while there is none',
    async (delivery) => {
      const from = halves.backendLog.length;
      await Promise.all(
        Array.from({ length: IMPATIENT_CLIENTS }, (_, i) =>
          callAndLeave(
            speechUrl(LONG_SENTENCES, {
              stream_format: delivery,
              seed: String(i),
              // sound comes late
              latency: 'exact',
            }),
          ),
        ),
      );
      const cancelled = (): readonly Readonly<Record<string, unknown>>[] =>
        halves.backendLog.slice(from).filter((entry) => entry['event'] === 'cancelled');
      await halves.logged(() => cancelled().length === IMPATIENT_CLIENTS, from);
      // each text has several sentences; the first sound of some was there before they were missed
      expect(spokenSince(from)).toBeLessThan(IMPATIENT_CLIENTS);
      expect(cancelled().filter(({ stage }) => stage !== 'codec')).not.toEqual([]);
    },
    90_000,
  );
});

/** Leaves as soon as the headers are there. */
async function callAndLeave(url: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const call = request(url, (response) => {
      expect(response.statusCode).toBe(200);
      response.on('error', () => undefined);
      call.destroy();
      resolve();
    });
    call.on('error', reject);
    call.end();
  });
}

describe('a backend that dies', () => {
  test('mid-stream breaks the transfer, then faults are clean, then speech is back with it', async () => {
    const response = await fetch(speechUrl(LONG_TEXT));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await halves.stopBackend();
    const drained = (async () => {
      while (!(await reader.read()).done);
    })();
    await expect(drained).rejects.toThrow();

    const health = await fetch(`${halves.url}/health`);
    expect(health.status).toBe(503);
    const refused = await fetch(speechUrl('Hello again.'));
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: 'backend_unavailable' } });

    await halves.startBackend();
    const again = await fetch(speechUrl('Hello again.'));
    expect(again.status).toBe(200);
    expect((await again.arrayBuffer()).byteLength).toBeGreaterThan(44);
  }, 60_000);
});

describe('privacy', () => {
  test('nothing that was spoken is in the log', () => {
    const log = JSON.stringify(halves.backendLog);
    for (const word of ['dog', 'cute', 'sentence number', 'Hello']) expect(log).not.toContain(word);
  });
});
