/**
 * The official clients, unchanged, against a running edge that asks for keys: what they read, the errors they raise, and
 * that the engine stops when they leave. OpenAI's for Python needs a Python that has it (`CLIENT_PYTHON`, else `python3`).
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import { build } from 'esbuild';
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import { Stream } from 'openai/streaming';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { jsonObject } from '../../scripts/support/json-object.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { startHalves, type Halves } from '../support/halves.ts';
import { startPage } from '../support/page-server.ts';

const ADMIN_TOKEN = 'the-administrator-of-these-tests-only';
const TEXT = 'Hello, my dog is cute.';
const LONG_SENTENCES = 6;
/** Of which no sentence is spoken elsewhere, so none is kept. */
const longText = (about: string): string =>
  Array.from(
    { length: LONG_SENTENCES },
    (_, i) => `Sentence number ${i + 1} of a rather long text is about ${about} and the moon.`,
  ).join(' ');

/** Both halves and the clients share the machine with whatever else it does. */
vi.setConfig({ testTimeout: 240_000 });

let halves: Halves;
let key: string;

beforeAll(async () => {
  halves = await startHalves({
    variables: { EDGE_SECRET: 'a secret of at least 32 characters', ADMIN_TOKEN },
  });
  ({ key } = await makeKey({ requests_per_minute: 10_000 }));
}, 180_000);
afterAll(() => halves?.stop());

async function post(path: string, credential: string, body: unknown): Promise<Response> {
  return fetch(halves.url + path, {
    method: 'POST',
    headers: { Authorization: `Bearer ${credential}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function makeKey(fields: object): Promise<{ id: string; key: string }> {
  const response = await post('/v1/keys', ADMIN_TOKEN, { name: 'app', ...fields });
  expect(response.status).toBe(201);
  return response.json() as Promise<{ id: string; key: string }>;
}

const spokenSince = (from: number): number =>
  halves.backendLog.slice(from).filter(({ event }) => event === 'spoken').length;

/** OpenAI's client as a page has it, under its name. */
async function clientForBrowsers(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: "import OpenAI from 'openai'; globalThis.OpenAI = OpenAI;",
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    platform: 'browser',
    write: false,
  });
  return (outputFiles[0]?.text ?? '').replaceAll('</script', String.raw`<\/script`);
}

/** What begins a file of each format. */
const MAGIC = { mp3: 'ID3', opus: 'OggS', aac: 'ID3', flac: 'fLaC', wav: 'RIFF', pcm: '' } as const;

describe("OpenAI's client for JavaScript", () => {
  const client = (apiKey = key, maxRetries = 0): OpenAI =>
    new OpenAI({ baseURL: `${halves.url}/v1`, apiKey, maxRetries });
  const order = { model: 'gpt-4o-mini-tts', voice: 'alloy', input: TEXT } as const;

  test.each(Object.entries(MAGIC))('gets %s', async (format, magic) => {
    const speech = await client().audio.speech.create({
      ...order,
      response_format: format as keyof typeof MAGIC,
    });
    const bytes = Buffer.from(await speech.arrayBuffer());
    expect(bytes.toString('latin1', 0, magic.length)).toBe(magic);
    expect(bytes.byteLength).toBeGreaterThan(2_000);
  });

  test('hears the beginning of a text before its end is spoken', async () => {
    const from = halves.backendLog.length;
    const speech = await client().audio.speech.create({ ...order, input: longText('a cat') });
    let heard = 0;
    for await (const bytes of speech.body as unknown as AsyncIterable<Uint8Array>) {
      if (heard === 0) expect(spokenSince(from)).toBeLessThan(LONG_SENTENCES);
      heard += bytes.byteLength;
    }
    expect(spokenSince(from)).toBe(LONG_SENTENCES);
    // constant 64 kbit/s, at least a second a sentence
    expect(heard).toBeGreaterThan(LONG_SENTENCES * 8_000);
  });

  test('reads the events of a stream: the same bytes, then what they cost', async () => {
    const plain = await client().audio.speech.create({ ...order, response_format: 'mp3' });
    const controller = new AbortController();
    const response = await client().audio.speech.create({ ...order, stream_format: 'sse' });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    interface SpeechEvent {
      readonly type: string;
      readonly audio: string;
      readonly usage: { readonly total_tokens: number };
    }
    const parts: Buffer[] = [];
    let total = 0;
    for await (const event of Stream.fromSSEResponse<SpeechEvent>(response, controller)) {
      if (event.type === 'speech.audio.delta') parts.push(Buffer.from(event.audio, 'base64'));
      else expect(event.type).toBe('speech.audio.done');
      if (event.type === 'speech.audio.done') total = event.usage.total_tokens;
    }
    expect(Buffer.concat(parts).equals(Buffer.from(await plain.arrayBuffer()))).toBe(true);
    expect(total).toBeGreaterThan(0);
  });

  test('chooses speed, voice, manner, and what only Bark has', async () => {
    const sizeAt = async (speed: number): Promise<number> => {
      const voice = { id: 'en_speaker_0' };
      const body = { ...order, voice, speed, response_format: 'pcm' } as const;
      return (await (await client().audio.speech.create(body)).arrayBuffer()).byteLength;
    };
    expect((await sizeAt(2)) / (await sizeAt(1))).toBeCloseTo(0.5, 1);
    const ours = { ...order, seed: 7, response_format: 'wav', encoding: 'mulaw' } as const;
    const seeded = await client().audio.speech.create(ours);
    expect(seeded.headers.get('x-seed')).toBe('7');
    // the format tag of mu-law
    expect(Buffer.from(await seeded.arrayBuffer()).readUInt16LE(20)).toBe(7);
    const calm = await client().audio.speech.create({ ...order, instructions: 'Speak calmly.' });
    expect(calm.headers.get('x-applied-instructions')).toContain('temperature');
    await calm.body?.cancel();
    const odd = await client().audio.speech.create({ ...order, instructions: 'As a pirate.' });
    expect(odd.headers.get('x-ignored-fields')).toBe('instructions');
    await odd.body?.cancel();
  });

  test('raises the error that it has for each, with its code, field and request', async () => {
    const { key: reader } = await makeKey({ scopes: ['read'] });
    const failing = async (apiKey: string, fields: object): Promise<unknown> =>
      client(apiKey)
        .audio.speech.create({ ...order, ...fields })
        .catch((error: unknown) => error);
    const cases = [
      [key, { speed: 9 }, BadRequestError, 400, 'invalid_request', 'speed'],
      [key, { response_format: 'ogg' }, BadRequestError, 400, 'invalid_request', 'response_format'],
      [key, { model: 'whisper-1' }, NotFoundError, 404, 'model_not_found', 'model'],
      [key, { voice: 'nobody' }, NotFoundError, 404, 'voice_not_found', 'voice'],
      [key, { input: 'a'.repeat(4_097) }, APIError, 413, 'text_too_long', 'input'],
      ['bk_wrong', {}, AuthenticationError, 401, 'unauthorized', null],
      [reader, {}, PermissionDeniedError, 403, 'forbidden', null],
    ] as const;
    for (const [apiKey, fields, kind, status, code, param] of cases) {
      const error = await failing(apiKey, fields);
      expect(error).toBeInstanceOf(kind);
      expect(error).toMatchObject({ status, code, param });
      expect((error as APIError).requestID).toMatch(/^[\w-]{8,}$/);
    }
  });

  test('is told when to ask again at its rate, and does; at its budget it does not', async () => {
    const asked: (string | null)[] = [];
    const counting: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      asked.push(response.headers.get('x-should-retry'));
      return response;
    };
    const using = (apiKey: string, maxRetries: number): OpenAI =>
      new OpenAI({ baseURL: `${halves.url}/v1`, apiKey, maxRetries, fetch: counting });
    const slow = await makeKey({ requests_per_minute: 20 });
    for (let i = 0; i < 20; i += 1) await using(slow.key, 0).models.list();
    const refused = await using(slow.key, 0)
      .models.list()
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RateLimitError);
    expect(refused).toMatchObject({ status: 429, code: 'rate_limited' });
    expect((refused as RateLimitError).headers.get('retry-after')).toMatch(/^[1-3]$/);
    expect(asked.at(-1)).toBe('true');
    // a request comes back every three seconds
    expect((await using(slow.key, 2).models.list()).data).toHaveLength(1);

    asked.length = 0;
    const poor = await makeKey({ characters_per_month: 10 });
    const broke = await using(poor.key, 2)
      .audio.speech.create(order)
      .catch((error: unknown) => error);
    expect(broke).toBeInstanceOf(RateLimitError);
    expect(broke).toMatchObject({ code: 'insufficient_quota' });
    expect(asked).toEqual(['false']);
  });

  test('stops the engine when it aborts', async () => {
    const from = halves.backendLog.length;
    const leaving = new AbortController();
    const speech = await client().audio.speech.create(
      { ...order, input: longText('an owl') },
      { signal: leaving.signal },
    );
    const reader = (speech.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    leaving.abort();
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toThrow();
    await halves.logged(({ event }) => event === 'cancelled', from);
    expect(spokenSince(from)).toBeLessThan(LONG_SENTENCES);
  });

  test('lists models, and finds the one it asks for by its other names', async () => {
    const [model] = (await client().models.list()).data;
    expect(model).toMatchObject({ id: 'bark-nano', object: 'model' });
    for (const name of ['tts-1', 'gpt-4o-mini-tts-2025-12-15']) {
      expect((await client().models.retrieve(name)).object).toBe('model');
    }
  });
});

describe("OpenAI's client for Python", () => {
  test('speaks, streams, writes files, reads events, raises and leaves', async ({ skip }) => {
    const python = process.env['CLIENT_PYTHON'] ?? 'python3';
    const run = promisify(execFile);
    const script = join(import.meta.dirname, 'openai_client.py');
    const version = await run(python, ['-c', 'import openai; print(openai.__version__)']).catch(
      () => null,
    );
    if (version === null) {
      skip(`${python} has no openai; pip install openai, or set CLIENT_PYTHON`);
      return;
    }
    const { key: reader } = await makeKey({ scopes: ['read'] });
    const { key: poor } = await makeKey({ characters_per_month: 10 });
    const from = halves.backendLog.length;
    const { stdout } = await run(python, [script, `${halves.url}/v1`, longText('a hare')], {
      env: { ...process.env, OPENAI_API_KEY: key, READER_KEY: reader, POOR_KEY: poor },
      timeout: 200_000,
    });
    const told = jsonObject(stdout) ?? {};
    expect(told['formats']).toEqual(MAGIC);
    expect(told['events']).toEqual({
      kinds: ['speech.audio.delta', 'speech.audio.done'],
      same: true,
    });
    expect(told['half']).toBeCloseTo(0.5, 1);
    expect(told['seed']).toBe('7');
    expect(told['file']).toBe('fLaC');
    expect(told['async']).toBe('ID3');
    expect(told['models']).toEqual(['bark-nano']);
    expect(told['errors']).toEqual({
      speed: ['BadRequestError', 400, 'invalid_request', 'speed'],
      voice: ['NotFoundError', 404, 'voice_not_found', 'voice'],
      long: ['APIStatusError', 413, 'text_too_long', 'input'],
      key: ['AuthenticationError', 401, 'unauthorized', null],
      scope: ['PermissionDeniedError', 403, 'forbidden', null],
      budget: ['RateLimitError', 429, 'insufficient_quota', null],
    });
    // it left after the first bytes
    await halves.logged(({ event }) => event === 'cancelled', from);
  });
});

describe("ElevenLabs' client for JavaScript", () => {
  const VOICE = 'en_speaker_1';
  const client = (apiKey = key): ElevenLabsClient =>
    new ElevenLabsClient({ apiKey, baseUrl: halves.url, maxRetries: 0 });
  const bytesOf = async (stream: ReadableStream<Uint8Array>): Promise<Buffer> =>
    Buffer.from(await new Response(stream).arrayBuffer());

  test('converts into each of its formats', async () => {
    const sizes: Record<string, number> = {};
    for (const outputFormat of [
      'mp3_22050_32',
      'mp3_44100_128',
      'opus_48000_64',
      'pcm_16000',
      'wav_24000',
      'ulaw_8000',
      'alaw_8000',
    ] as const) {
      const bytes = await bytesOf(
        await client().textToSpeech.convert(VOICE, {
          text: TEXT,
          modelId: 'eleven_multilingual_v2',
          outputFormat,
        }),
      );
      sizes[outputFormat] = bytes.byteLength;
      const magic = { mp3: 'ID3', opus: 'OggS', wav: 'RIFF' }[outputFormat.split('_')[0] ?? ''];
      expect(bytes.toString('latin1', 0, magic?.length ?? 0)).toBe(magic ?? '');
    }
    // two bytes a sample at 16 000, one at 8 000
    expect((sizes['pcm_16000'] ?? 0) / (sizes['ulaw_8000'] ?? 1)).toBeCloseTo(4, 1);
    expect(sizes['alaw_8000']).toBe(sizes['ulaw_8000']);
  });

  test('streams the beginning of a text before its end is spoken', async () => {
    const from = halves.backendLog.length;
    const stream = await client().textToSpeech.stream(VOICE, { text: longText('a fox') });
    let heard = 0;
    for await (const bytes of stream as unknown as AsyncIterable<Uint8Array>) {
      if (heard === 0) expect(spokenSince(from)).toBeLessThan(LONG_SENTENCES);
      heard += bytes.byteLength;
    }
    expect(spokenSince(from)).toBe(LONG_SENTENCES);
  });

  test('hears when each sentence is said, at once and while it is said', async () => {
    const text = 'My dog is cute, and he knows it. He barks at the moon every single night.';
    const request = { text, outputFormat: 'pcm_24000' } as const;
    const whole = await client().textToSpeech.convertWithTimestamps(VOICE, request);
    const seconds = Buffer.from(whole.audioBase64, 'base64').byteLength / 48_000;
    expect(whole.alignment?.characters.join('')).toBe(text.replace('. He', '.He'));
    expect(whole.alignment?.characterEndTimesSeconds.at(-1)).toBeCloseTo(seconds, 2);
    const lines = await client().textToSpeech.streamWithTimestamps(VOICE, request);
    let bytes = 0;
    const said: string[] = [];
    for await (const line of lines) {
      bytes += Buffer.from(line.audioBase64, 'base64').byteLength;
      if (line.alignment) said.push(line.alignment.characters.join(''));
    }
    expect(bytes / 48_000).toBe(seconds);
    expect(said).toEqual(text.split(/(?<=\.) /));
  });

  test('lists, searches, pages and describes voices', async () => {
    const { voices } = await client().voices.getAll();
    expect(voices.map(({ voiceId }) => voiceId)).toContain(VOICE);
    const found = await client().voices.search({ search: 'speaker_1' });
    expect(found.voices.map(({ voiceId }) => voiceId)).toEqual([VOICE]);
    const page = await client().voices.search({ pageSize: 1 });
    const next = await client().voices.search({
      pageSize: 1,
      nextPageToken: page.nextPageToken ?? '',
    });
    expect(page.hasMore).toBe(true);
    expect(next.voices[0]?.voiceId).not.toBe(page.voices[0]?.voiceId);
    expect((await client().voices.get(VOICE)).voiceId).toBe(VOICE);
  });

  test('raises errors that say what is wrong, in its own shape', async () => {
    const failing = async (apiKey: string, voice: string, text: string): Promise<unknown> =>
      client(apiKey)
        .textToSpeech.convert(voice, { text })
        .catch((error: unknown) => error);
    const cases = [
      [key, 'nobody', TEXT, 404, 'voice_not_found'],
      [key, VOICE, '  ', 400, 'invalid_request'],
      [key, VOICE, 'a'.repeat(4_097), 413, 'text_too_long'],
      ['bk_wrong', VOICE, TEXT, 401, 'unauthorized'],
    ] as const;
    for (const [apiKey, voice, text, statusCode, status] of cases) {
      const error = await failing(apiKey, voice, text);
      expect(error).toBeInstanceOf(ElevenLabsError);
      expect(error).toMatchObject({ statusCode, body: { detail: { status } } });
    }
    const listing = await client('bk_wrong')
      .voices.getAll()
      .catch((error: unknown) => error);
    expect(listing).toMatchObject({ statusCode: 401 });
  });

  test('stops the engine when it aborts', async () => {
    const from = halves.backendLog.length;
    const leaving = new AbortController();
    const stream = await client().textToSpeech.stream(
      VOICE,
      { text: longText('a bear') },
      { abortSignal: leaving.signal },
    );
    await stream.getReader().read();
    leaving.abort();
    await halves.logged(({ event }) => event === 'cancelled', from);
    expect(spokenSince(from)).toBeLessThan(LONG_SENTENCES);
  });
});

describe('a key that is given away', () => {
  const speak = async (credential: string, input: string, origin?: string): Promise<Response> => {
    const query = new URLSearchParams({ input, response_format: 'pcm' });
    return fetch(`${halves.url}/v1/audio/speech?${query.toString()}`, {
      headers: {
        Authorization: `Bearer ${credential}`,
        ...(origin === undefined ? {} : { Origin: origin }),
      },
    });
  };
  const outcome = async (response: Response): Promise<[number, string | undefined]> => {
    if (response.ok) await response.arrayBuffer();
    if (response.ok) return [response.status, undefined];
    const { error } = (await response.json()) as { error: { code: string } };
    return [response.status, error.code];
  };

  test('to a browser is a token of one page, that spends what its key has and dies with it', async () => {
    const { id, key: parent } = await makeKey({ characters_per_month: 100 });
    const made = await post('/v1/tokens', parent, {
      origin: 'https://page.test',
      scopes: ['speech'],
    });
    expect(made.status).toBe(201);
    const { token } = (await made.json()) as { token: string };
    const first = await speak(token, TEXT, 'https://page.test');
    expect(first.headers.get('x-characters-remaining')).toBe(String(100 - TEXT.length));
    expect(first.headers.get('x-characters-limit')).toBe('100');
    expect(first.headers.get('x-ratelimit-limit-requests')).toBe('120');
    expect(await outcome(first)).toEqual([200, undefined]);
    expect(await outcome(await speak(token, TEXT, 'https://other.test'))).toEqual([
      403,
      'forbidden',
    ]);
    expect(await outcome(await speak(token, TEXT))).toEqual([403, 'forbidden']);
    const tooLong = await speak(token, TEXT.repeat(4), 'https://page.test');
    expect(tooLong.headers.get('retry-after')).toBeNull();
    expect(await outcome(tooLong)).toEqual([429, 'insufficient_quota']);
    await fetch(`${halves.url}/v1/keys/${id}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(await outcome(await speak(token, TEXT, 'https://page.test'))).toEqual([
      401,
      'unauthorized',
    ]);
  });

  test('as a URL plays to whoever has it, is paid for once, and cannot be made into another', async () => {
    const { key: payer } = await makeKey({ characters_per_month: 100 });
    const made = await post('/v1/audio/urls', payer, { input: TEXT, response_format: 'opus' });
    expect(made.status).toBe(201);
    expect(made.headers.get('x-characters-remaining')).toBe(String(100 - TEXT.length));
    const { url, captions } = (await made.json()) as { url: string; captions: { srt: string } };
    expect(url).not.toContain(payer);
    for (let listener = 0; listener < 2; listener += 1) {
      const heard = Buffer.from(await (await fetch(url)).arrayBuffer());
      expect(heard.toString('latin1', 0, 4)).toBe('OggS');
    }
    expect(await (await fetch(captions.srt)).text()).toContain(TEXT);
    const usage = await fetch(`${halves.url}/v1/usage`, {
      headers: { Authorization: `Bearer ${payer}` },
    });
    expect(await usage.json()).toMatchObject({ characters_used: TEXT.length });
    const changed = url.replace(/listen\/./, (start) =>
      start.endsWith('0') ? 'listen/1' : 'listen/0',
    );
    expect(await outcome(await fetch(changed))).toEqual([403, 'forbidden']);
    expect(await outcome(await post('/v1/audio/urls', 'bk_wrong', { input: TEXT }))).toEqual([
      401,
      'unauthorized',
    ]);
  });

  test('for a second is worth nothing after it', async () => {
    const made = await post('/v1/tokens', key, { expires_in_seconds: 1 });
    const { token } = (await made.json()) as { token: string };
    await vi.waitFor(
      async () => expect(await outcome(await speak(token, TEXT))).toEqual([401, 'unauthorized']),
      { timeout: 10_000, interval: 200 },
    );
  });

  test('works from its page in a real browser, and from no other', async ({ skip }) => {
    if (chromiumPath === null) skip('no Chromium on this machine; CHROMIUM_PATH names one');
    const html = `<!doctype html><script>${await clientForBrowsers()}</script>`;
    const [page, other, browser] = await Promise.all([
      startPage(html),
      startPage(html),
      launchChromium(),
    ]);
    try {
      const made = await post('/v1/tokens', key, { origin: page.url });
      const { token } = (await made.json()) as { token: string };
      const heardAt = async (url: string): Promise<unknown> => {
        const tab = await browser.newPage();
        await tab.goto(url);
        const options = { baseURL: `${halves.url}/v1`, apiKey: token, maxRetries: 0 };
        return tab.evaluate(`(async () => {
          const options = { ...${JSON.stringify(options)}, dangerouslyAllowBrowser: true };
          const order = { model: 'tts-1', voice: 'alloy', input: 'Hello, page.' };
          return new OpenAI(options).audio.speech.create(order).then(
            async (speech) => [
              speech.headers.get('X-Take-Id') !== null,
              (await speech.arrayBuffer()).byteLength > 1000,
            ],
            ({ name, status, code }) => [status, code],
          );
        })()`);
      };
      expect(await heardAt(page.url)).toEqual([true, true]);
      expect(await heardAt(other.url)).toEqual([403, 'forbidden']);
    } finally {
      await browser.close();
      page.stop();
      other.stop();
    }
  });
});
