import { describe, expect, test, vi } from 'vitest';
import OpenAI, { BadRequestError, InternalServerError, NotFoundError } from 'openai';
import { SAMPLE_RATE } from '#shared/bark/constants.ts';
import { WAV_HEADER_BYTES } from '#shared/audio/wav.ts';
import { makeEdge, unreachable } from '../tests/workers/edge.ts';
import { toneAt } from '../tests/workers/fake-backend.ts';
import { FIXTURE_MODEL, FIXTURE_VOICE, fixtureFiles } from '../tests/workers/fixture-checkpoint.ts';
import { CREDIT_WINDOW_SAMPLES } from './backend/credit-window.ts';
import { MAX_BODY_BYTES } from './guards/read-body.ts';
import { SENTENCE_PAUSE_MS } from './speech/speak-sentences.ts';

const PAUSE_BYTES = (2 * SAMPLE_RATE * SENTENCE_PAUSE_MS) / 1_000;

interface ErrorAnswer {
  error: { message: string; type: string; param: string | null; code: string };
}

async function errorOf(response: Response): Promise<ErrorAnswer['error']> {
  return ((await response.json()) as ErrorAnswer).error;
}

function tone(samples: number, row: number): Uint8Array {
  return new Uint8Array(Int16Array.from({ length: samples }, (_, i) => toneAt(i, row)).buffer);
}

function events(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n\n')
    .map((block) => JSON.parse(block.replace(/^data: /, '')) as Record<string, unknown>);
}

describe('POST /v1/audio/speech', () => {
  test('speaks a text as WAV', async () => {
    const edge = makeEdge({ backend: { samples: 5_000 } });
    const response = await edge.speak({
      model: 'tts-1',
      input: 'Hello world.',
      voice: FIXTURE_VOICE,
    });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'audio/wav',
      'cache-control': 'no-store',
      'accept-ranges': 'none',
      'x-model': FIXTURE_MODEL,
      'x-voice': FIXTURE_VOICE,
      'x-seed': expect.stringMatching(/^\d+$/) as unknown,
      'x-request-id': expect.stringMatching(/^[\w-]{36}$/) as unknown,
      'server-timing': expect.stringContaining('accept;dur=') as unknown,
    });
    expect(response.headers.has('content-length')).toBe(false);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe('RIFF');
    expect(bytes.subarray(WAV_HEADER_BYTES)).toEqual(tone(5_000, 0));
  });

  test('speaks sentences one after the other, with a breath between them', async () => {
    const edge = makeEdge({ backend: { samples: 1_000 } });
    const response = await edge.speak({
      input: 'Hello world. The voice says hello to the world. The world is wide.',
      response_format: 'pcm',
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const rows = edge.backend.speaks.map(({ row }) => row);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows).toEqual(rows.map((_, i) => i));
    expect(new Set(edge.backend.speaks.map(({ seed }) => seed)).size).toBe(1);
    expect(bytes.length).toBe(rows.length * 2_000 + (rows.length - 1) * PAUSE_BYTES);
    expect(bytes.subarray(-2_000)).toEqual(tone(1_000, rows.length - 1));
  });

  test('sends headers and the WAV header before there is a sound', async () => {
    const edge = makeEdge({ backend: { samples: 0, isMute: false } });
    const response = await edge.speak({ input: 'Hello.' });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.value).toHaveLength(WAV_HEADER_BYTES);
  });

  test('a voice travels once, and not at all when it is left out on purpose', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    for (const voice of [undefined, { id: FIXTURE_VOICE }, 'announcer', null, 'none']) {
      const response = await edge.speak({ input: 'Hello.', voice });
      await response.arrayBuffer();
    }
    const [first, second, third, fourth, fifth] = edge.backend.speaks.map(({ voice }) => voice);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect([second, third]).toEqual([first, first]);
    expect([fourth, fifth]).toEqual([null, null]);
    expect(edge.backend.voicesReceived).toBe(1);
  });

  test('options reach the stages they are meant for', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const response = await edge.speak({
      input: 'Hello.',
      seed: 7,
      temperature: 0.9,
      coarse_temperature: null,
      top_k: 40,
      semantic_top_p: 0.8,
      do_sample: true,
      min_eos_p: 0.1,
      latency: 'fast',
    });
    await response.arrayBuffer();
    expect(response.headers.get('X-Seed')).toBe('7');
    expect(edge.backend.speaks[0]).toMatchObject({
      seed: 7,
      row: 0,
      latency: 'fast',
      options: {
        semantic: { doSample: true, temperature: 0.9, topK: 40, topP: 0.8, minEosP: 0.1 },
        coarse: { doSample: true, temperature: null, topK: 40 },
        fine: { temperature: 0.9 },
      },
    });
  });

  test('the same request has the same seed, another one another', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const seeds: (string | null)[] = [];
    for (const body of [
      { input: 'Hello.' },
      { voice: FIXTURE_VOICE, input: 'Hello.' },
      { input: 'Hello!' },
      { input: 'Hello.', voice: null },
      { input: 'Hello.', temperature: 0.5 },
    ]) {
      const response = await edge.speak(body);
      await response.arrayBuffer();
      seeds.push(response.headers.get('X-Seed'));
    }
    expect(seeds[0]).toBe(seeds[1]);
    expect(new Set(seeds).size).toBe(4);
    for (const seed of seeds) expect(Number.isSafeInteger(Number(seed))).toBe(true);
  });

  test('instructions are ignored aloud', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const response = await edge.speak({ input: 'Hello.', instructions: 'Whisper.', speed: 1 });
    expect(response.headers.get('X-Ignored-Fields')).toBe('instructions');
    await response.arrayBuffer();
  });

  test('a control character is no reason to fail', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const response = await edge.speak({ input: 'Hel\u0000lo \u0007world.' });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });
});

describe('server-sent events', () => {
  test('carry the same bytes, then usage and times', async () => {
    const edge = makeEdge({ backend: { samples: 5_000 } });
    const whole = await (await edge.speak({ input: 'Hello.' })).arrayBuffer();
    const response = await edge.speak({ input: 'Hello.', stream_format: 'sse' });
    expect(response.headers.get('Content-Type')).toBe('text/event-stream; charset=utf-8');
    const all = events(await response.text());
    const deltas = all.filter(({ type }) => type === 'speech.audio.delta');
    const audio = Buffer.concat(
      deltas.map((delta) => Buffer.from(String(delta['audio']), 'base64')),
    );
    expect(new Uint8Array(audio)).toEqual(new Uint8Array(whole));
    expect(all.at(-1)).toMatchObject({
      type: 'speech.audio.done',
      usage: { output_tokens: 10 },
      samples: 5_000,
      sentences: 1,
    });
  });

  test('tell of a failure after the first byte', async () => {
    const edge = makeEdge({
      backend: { samples: 9_000, fault: { row: 0, afterSamples: 4_800, code: 'backend_failed' } },
    });
    const response = await edge.speak({ input: 'Hello.', stream_format: 'sse' });
    const all = events(await response.text());
    expect(all.at(-1)).toMatchObject({ type: 'error', error: { code: 'backend_failed' } });
    expect(all.some(({ type }) => type === 'speech.audio.done')).toBe(false);
  });
});

describe('GET /v1/audio/speech', () => {
  test('takes the same fields as a query', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const response = await edge.app.request(
      '/v1/audio/speech?input=Hello%20world.&voice=announcer&response_format=pcm&seed=12&do_sample=false&fine_temperature=null&top_p=0.5',
    );
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(20);
    expect(edge.backend.speaks[0]).toMatchObject({
      seed: 12,
      options: {
        semantic: { doSample: false, topP: 0.5 },
        coarse: { doSample: false, topP: 0.5 },
        fine: { temperature: null },
      },
    });
  });

  test('reads a number as text where text is meant', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const response = await edge.app.request('/v1/audio/speech?input=1984');
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });

  test('HEAD says what GET would say, without a word', async () => {
    const edge = makeEdge();
    const response = await edge.app.request('/v1/audio/speech?input=Hello.', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('audio/wav');
    expect(response.headers.get('X-Voice')).toBe(FIXTURE_VOICE);
    expect(edge.backend.received).toEqual([]);
  });
});

describe('a request that can not be served is refused with the field at fault', () => {
  test.each<[Record<string, unknown>, number, string, string | null, string]>([
    [{}, 400, 'invalid_request', 'input', 'input must be a string'],
    [{ input: 7 }, 400, 'invalid_request', 'input', 'input must be a string'],
    [{ input: '' }, 400, 'invalid_request', 'input', 'something to speak'],
    [{ input: ' \n\t ' }, 400, 'invalid_request', 'input', 'something to speak'],
    [{ input: '\u0000' }, 400, 'invalid_request', 'input', 'can be spoken'],
    [{ input: 'a'.repeat(4_097) }, 413, 'text_too_long', 'input', '4097'],
    [{ input: 'Hi.', model: 3 }, 400, 'invalid_request', 'model', 'must be a string'],
    [{ input: 'Hi.', model: 'whisper-1' }, 404, 'not_found', 'model', FIXTURE_MODEL],
    [{ input: 'Hi.', voice: 'alloy' }, 404, 'voice_not_found', 'voice', '/v1/voices'],
    [{ input: 'Hi.', voice: '../../etc/passwd' }, 404, 'voice_not_found', 'voice', '/v1/voices'],
    [{ input: 'Hi.', voice: '__proto__' }, 404, 'voice_not_found', 'voice', '/v1/voices'],
    [{ input: 'Hi.', voice: 5 }, 400, 'invalid_request', 'voice', 'a string or an object'],
    [{ input: 'Hi.', voice: {} }, 400, 'invalid_request', 'voice', 'with an id'],
    [
      { input: 'Hi.', response_format: 'mp3' },
      400,
      'invalid_request',
      'response_format',
      'wav, pcm',
    ],
    [
      { input: 'Hi.', response_format: 'valueOf' },
      400,
      'invalid_request',
      'response_format',
      'wav',
    ],
    [{ input: 'Hi.', speed: 1.5 }, 400, 'invalid_request', 'speed', 'must be 1'],
    [{ input: 'Hi.', speed: 'fast' }, 400, 'invalid_request', 'speed', 'a number'],
    [
      { input: 'Hi.', stream_format: 'ws' },
      400,
      'invalid_request',
      'stream_format',
      'audio or sse',
    ],
    [{ input: 'Hi.', instructions: 1 }, 400, 'invalid_request', 'instructions', 'a string'],
    [{ input: 'Hi.', seed: -1 }, 400, 'invalid_request', 'seed', '9007199254740991'],
    [{ input: 'Hi.', seed: 1.5 }, 400, 'invalid_request', 'seed', 'an integer'],
    [{ input: 'Hi.', seed: 2 ** 53 }, 400, 'invalid_request', 'seed', 'an integer'],
    [{ input: 'Hi.', temperature: 0 }, 400, 'invalid_request', 'temperature', 'above 0'],
    [
      { input: 'Hi.', fine_temperature: '1' },
      400,
      'invalid_request',
      'fine_temperature',
      'a number',
    ],
    [{ input: 'Hi.', top_k: 0 }, 400, 'invalid_request', 'top_k', 'at least 1'],
    [{ input: 'Hi.', top_p: 2 }, 400, 'invalid_request', 'top_p', 'at most 1'],
    [{ input: 'Hi.', min_eos_p: 1 }, 400, 'invalid_request', 'min_eos_p', 'below 1'],
    [{ input: 'Hi.', do_sample: 1 }, 400, 'invalid_request', 'do_sample', 'true or false'],
    [
      { input: 'Hi.', latency: 'now' },
      400,
      'invalid_request',
      'latency',
      'exact, balanced or fast',
    ],
  ])('%j', async (body, status, code, param, words) => {
    const edge = makeEdge();
    const response = await edge.speak(body);
    expect(response.status).toBe(status);
    const error = await errorOf(response);
    expect(error).toMatchObject({ type: 'invalid_request_error', code, param });
    expect(error.message).toContain(words);
    expect(response.headers.get('X-Should-Retry')).toBe('false');
    expect(edge.backend.speaks).toEqual([]);
  });

  test('4 096 characters are not too many, whatever their plane', async () => {
    const edge = makeEdge({ backend: { samples: 1 } });
    const response = await edge.speak({ input: '😀'.repeat(4_096) });
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });

  test('a latency that the backend has not is refused with those it has', async () => {
    const edge = makeEdge({
      backend: { hello: { model: FIXTURE_MODEL, vocabulary: null, latencyModes: ['balanced'] } },
    });
    const error = await errorOf(await edge.speak({ input: 'Hi.', latency: 'fast' }));
    expect(error).toMatchObject({ code: 'invalid_request', param: 'latency' });
    expect(error.message).toContain('balanced');
    const response = await edge.speak({ input: 'Hi.' });
    expect(edge.backend.speaks[0]?.latency).toBe('balanced');
    await response.body?.cancel();
  });

  test('unknown fields are passed over', async () => {
    const edge = makeEdge({ backend: { samples: 1 } });
    const response = await edge.speak({ input: 'Hi.', mood: 'sunny', ['__proto__x']: 1 });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });

  test.each([
    ['no JSON', '{"input": ', 400, 'invalid_request'],
    ['an array', '[]', 400, 'invalid_request'],
    ['null', 'null', 400, 'invalid_request'],
    ['nothing', '', 400, 'invalid_request'],
    ['broken UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 400, 'invalid_request'],
    ['too much', ' '.repeat(MAX_BODY_BYTES + 1), 413, 'body_too_large'],
  ])('a body of %s', async (_, body, status, code) => {
    const response = await makeEdge().speak({}, { body });
    expect(response.status).toBe(status);
    expect((await errorOf(response)).code).toBe(code);
  });

  test('a body that is longer than it says', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(32)),
    });
    const response = await makeEdge().speak({}, { body, duplex: 'half' } as RequestInit);
    expect(response.status).toBe(413);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', ''])(
    'a body of type "%s"',
    async (type) => {
      const response = await makeEdge().speak({}, { headers: { 'Content-Type': type } });
      expect(response.status).toBe(415);
      expect((await errorOf(response)).code).toBe('unsupported_media_type');
    },
  );
});

describe('paths and methods', () => {
  test.each(['/', '/v1', '/v1/audio', '/v1/audio/transcriptions', '/bark/manifest.json'])(
    '%s is not there',
    async (path) => {
      const response = await makeEdge().app.request(path);
      expect(response.status).toBe(404);
      expect(response.headers.get('Content-Type')).toContain('application/json');
      expect((await errorOf(response)).code).toBe('not_found');
    },
  );

  test.each([
    ['DELETE', '/v1/audio/speech', 'GET, HEAD, POST, OPTIONS'],
    ['PUT', '/v1/audio/speech', 'GET, HEAD, POST, OPTIONS'],
    ['POST', '/v1/voices', 'GET, HEAD, OPTIONS'],
    ['POST', '/v1/models', 'GET, HEAD, OPTIONS'],
    ['DELETE', `/v1/models/${FIXTURE_MODEL}`, 'GET, HEAD, OPTIONS'],
    ['POST', '/health', 'GET, HEAD, OPTIONS'],
  ])('%s %s is not done', async (method, path, allow) => {
    const response = await makeEdge().app.request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('Allow')).toBe(allow);
    expect((await errorOf(response)).code).toBe('method_not_allowed');
  });

  test('any page may call, and read our headers', async () => {
    const { app } = makeEdge();
    const preflight = await app.request('/v1/audio/speech', {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://page.test',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,x-stainless-lang',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe('*');
    expect(preflight.headers.get('Access-Control-Allow-Headers')).toContain('x-stainless-lang');
    const refused = await app.request('/v1/audio/speech', {
      headers: { Origin: 'https://page.test' },
    });
    expect(refused.status).toBe(400);
    expect(refused.headers.get('Access-Control-Allow-Origin')).toBe('*');
    expect(refused.headers.get('Access-Control-Expose-Headers')).toContain('X-Seed');
  });

  test.each([
    ['order-66', true],
    ['a'.repeat(129), false],
    ['spaces are odd', false],
    ['', false],
  ])('the request id "%s" is kept: %s', async (id, isKept) => {
    const response = await makeEdge().app.request('/nowhere', { headers: { 'X-Request-Id': id } });
    const answered = response.headers.get('X-Request-Id');
    if (isKept) expect(answered).toBe(id);
    else expect(answered).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('lists', () => {
  test('of models: the staged one', async () => {
    const { app } = makeEdge();
    const model = { id: FIXTURE_MODEL, object: 'model', created: 0, owned_by: 'suno' };
    expect(await (await app.request('/v1/models')).json()).toEqual({
      object: 'list',
      data: [model],
    });
    expect(await (await app.request(`/v1/models/${FIXTURE_MODEL}`)).json()).toEqual(model);
    expect((await app.request('/v1/models/whisper-1')).status).toBe(404);
  });

  test('of voices: as ElevenLabs words them', async () => {
    const response = await makeEdge().app.request('/v1/voices');
    expect(await response.json()).toEqual({
      voices: [
        {
          voice_id: FIXTURE_VOICE,
          name: 'English 6',
          category: 'premade',
          labels: { language: 'en' },
        },
        { voice_id: 'announcer', name: 'Announcer', category: 'premade', labels: {} },
      ],
      default_voice_id: FIXTURE_VOICE,
    });
  });
});

describe('GET /health', () => {
  test('is well once speech can be made, and leaves no connection', async () => {
    const edge = makeEdge();
    const response = await edge.app.request('/health');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok', model: FIXTURE_MODEL });
    await vi.waitFor(() => expect(edge.backend.openConnections).toBe(0));
  });

  test.each([
    ['the backend can not be reached', { connect: unreachable }, 'backend_unavailable', 'reached'],
    [
      'the backend serves another model',
      { backend: { hello: { model: 'bark-large', vocabulary: null } } },
      'backend_mismatch',
      'npm run stage',
    ],
    [
      'the backend has another vocabulary',
      { backend: { hello: { model: FIXTURE_MODEL, vocabulary: 'ab'.repeat(32) } } },
      'backend_mismatch',
      'npm run stage',
    ],
    [
      'nothing is staged',
      { files: { read: () => Promise.resolve(null) } },
      'backend_unavailable',
      'npm run stage',
    ],
    [
      'the manifest is none',
      { files: { read: () => Promise.resolve(Uint8Array.of(0x7b, 0x7d)) } },
      'backend_unavailable',
      'npm run stage',
    ],
  ])('is 503 when %s', async (_, options, code, words) => {
    const response = await makeEdge(options).app.request('/health');
    expect(response.status).toBe(503);
    const error = await errorOf(response);
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });
});

describe('faults before the first byte keep their status', () => {
  test.each([
    ['busy', 503, 'true', '2'],
    ['backend_failed', 502, 'true', '2'],
    ['backend_mismatch', 503, 'false', '2'],
  ])('%s', async (code, status, retry, after) => {
    const edge = makeEdge({
      backend: { fault: { row: 0, afterSamples: 0, code, retryAfterMs: 1_500 } },
    });
    const response = await edge.speak({ input: 'Hello.' });
    expect(response.status).toBe(status);
    expect(response.headers.get('X-Should-Retry')).toBe(retry);
    expect(response.headers.get('Retry-After')).toBe(after);
    expect((await errorOf(response)).type).toBe('server_error');
    await vi.waitFor(() => expect(edge.backend.openConnections).toBe(0));
  });

  test('a mismatch makes the edge read again what is staged', async () => {
    let reads = 0;
    const edge = makeEdge({
      backend: { hello: { model: 'bark-large', vocabulary: null } },
      files: {
        read: (path) => {
          if (path.endsWith('manifest.json')) reads += 1;
          return fixtureFiles.read(path);
        },
      },
    });
    for (let i = 0; i < 2; i += 1) {
      expect((await edge.speak({ input: 'Hello.' })).status).toBe(503);
    }
    expect(reads).toBe(2);
  });
});

describe('a failure after the first byte breaks the stream', () => {
  test('in the first sentence', async () => {
    const edge = makeEdge({
      backend: { samples: 24_000, fault: { row: 0, afterSamples: 4_800, code: 'backend_failed' } },
    });
    const response = await edge.speak({ input: 'Hello.' });
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(edge.log.at(-1)).toMatchObject({ status: 200, fault: 'backend_failed' });
  });

  test('but a busy backend is waited for', async () => {
    const edge = makeEdge({
      backend: {
        samples: 100,
        fault: { row: 1, afterSamples: 0, code: 'busy', retryAfterMs: 1, times: 2 },
      },
    });
    const input = 'The voice says hello to the wide world. '.repeat(12);
    const response = await edge.speak({ input, response_format: 'pcm' });
    const { byteLength } = await response.arrayBuffer();
    const rows = new Set(edge.backend.speaks.map(({ row }) => row)).size;
    expect(rows).toBeGreaterThan(1);
    expect(edge.backend.speaks.length).toBe(rows + 2);
    expect(byteLength).toBe(rows * 200 + (rows - 1) * PAUSE_BYTES);
  });
});

describe('a slow reader', () => {
  test('holds the backend at one window, and the next sentence back', async () => {
    const edge = makeEdge({ backend: { samples: 4 * CREDIT_WINDOW_SAMPLES } });
    const input = 'The voice says hello to the wide world. '.repeat(12);
    const response = await edge.speak({ input, response_format: 'pcm' });
    const reader = response.body?.getReader();
    await reader?.read();
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    // the window, and what the response's own buffer has already read
    expect(edge.backend.samplesSent).toBeLessThanOrEqual(2 * CREDIT_WINDOW_SAMPLES);
    expect(edge.backend.speaks).toHaveLength(1);
    await reader?.cancel();
  });
});

describe('a reader that leaves', () => {
  test.each([0, 1, 3])('after %i reads stops the backend', async (reads) => {
    const edge = makeEdge({ backend: { samples: 24_000_000, intervalMs: 2 } });
    const response = await edge.speak({ input: 'Hello.', response_format: 'pcm' });
    const reader = response.body?.getReader();
    for (let i = 0; i < reads; i += 1) await reader?.read();
    await reader?.cancel();
    await vi.waitFor(() => expect(edge.backend.openConnections).toBe(0));
    expect(edge.backend.count('cancel')).toBe(1);
    await vi.waitFor(() => expect(edge.log.at(-1)).toMatchObject({ fault: 'cancelled' }));
  });

  test('by its signal stops the backend too', async () => {
    const edge = makeEdge({ backend: { samples: 24_000_000, intervalMs: 2 } });
    const leave = new AbortController();
    const response = await edge.speak({ input: 'Hello.' }, { signal: leave.signal });
    leave.abort();
    await expect(response.arrayBuffer()).rejects.toThrow();
    await vi.waitFor(() => expect(edge.backend.count('cancel')).toBe(1));
    expect(edge.backend.openConnections).toBe(0);
  });
});

describe('the log', () => {
  const SECRET = 'zebra umbrella';

  test('is one line a request, with counts and times', async () => {
    const edge = makeEdge({ backend: { samples: 1_000 } });
    const response = await edge.speak({ input: 'Hello world.', instructions: SECRET });
    expect(edge.log).toEqual([]);
    await response.arrayBuffer();
    expect(edge.log).toHaveLength(1);
    expect(edge.log[0]).toMatchObject({
      id: response.headers.get('X-Request-Id'),
      method: 'POST',
      path: '/v1/audio/speech',
      status: 200,
      characters: 12,
      voice: FIXTURE_VOICE,
      sentences: 1,
      samples: 1_000,
      semantic_ms: 1,
      ms: 0,
    });
  });

  test.each([
    { input: SECRET },
    { input: SECRET, voice: SECRET },
    { input: SECRET, model: SECRET },
    { input: SECRET, latency: SECRET },
    { input: { text: SECRET } },
  ])('and the errors never say what is spoken: %j', async (body) => {
    const edge = makeEdge({
      backend: { samples: 24_000, fault: { row: 0, afterSamples: 0, code: 'backend_failed' } },
    });
    const text = await (await edge.speak(body)).text();
    expect(edge.log).toHaveLength(1);
    expect(JSON.stringify(edge.log) + text).not.toContain('zebra');
  });

  test('nor does a query stand in it', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    await (await edge.app.request('/v1/audio/speech?input=zebra')).arrayBuffer();
    expect(JSON.stringify(edge.log)).not.toContain('zebra');
  });
});

describe("OpenAI's client", () => {
  test('speaks', async () => {
    const edge = makeEdge({ backend: { samples: 1_000 } });
    const speech = await client(edge).audio.speech.create({
      model: 'tts-1',
      voice: 'announcer',
      input: 'Hello.',
      response_format: 'wav',
    });
    expect((await speech.arrayBuffer()).byteLength).toBe(WAV_HEADER_BYTES + 2_000);
  });

  test('raises the errors it has names for, and does not try again in vain', async () => {
    const edge = makeEdge({
      backend: { hello: { model: 'bark-large', vocabulary: null } },
    });
    const speak = (input: string, voice: string): Promise<unknown> =>
      client(edge).audio.speech.create({ model: 'tts-1', voice, input });
    await expect(speak('', 'announcer')).rejects.toMatchObject({
      name: 'Error',
      status: 400,
      code: 'invalid_request',
      param: 'input',
    });
    await expect(speak('', 'announcer')).rejects.toBeInstanceOf(BadRequestError);
    await expect(speak('Hello.', 'nobody')).rejects.toBeInstanceOf(NotFoundError);
    const before = edge.log.length;
    await expect(speak('Hello.', 'announcer')).rejects.toBeInstanceOf(InternalServerError);
    expect(edge.log.length - before).toBe(1);
  });

  test('lists models', async () => {
    const models = await client(makeEdge()).models.list();
    expect(models.data.map(({ id }) => id)).toEqual([FIXTURE_MODEL]);
  });
});

function client(edge: ReturnType<typeof makeEdge>): OpenAI {
  return new OpenAI({
    apiKey: 'none',
    baseURL: 'http://edge.test/v1',
    fetch: async (url, init) => edge.app.request(new Request(url, init)),
  });
}
