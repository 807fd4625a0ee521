import { describe, expect, test, vi } from 'vitest';
import { makeEdge, unreachable } from '../tests/workers/edge.ts';
import { FIXTURE_MODEL, FIXTURE_VOICE } from '../tests/workers/fixture-checkpoint.ts';

interface ErrorAnswer {
  error: { message: string; type: string; param: string | null; code: string };
}

async function errorOf(response: Response): Promise<ErrorAnswer['error']> {
  return ((await response.json()) as ErrorAnswer).error;
}

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
        Origin: 'http://localhost:3000',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,x-stainless-lang',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe('*');
    expect(preflight.headers.get('Access-Control-Allow-Headers')).toContain('x-stainless-lang');
    const refused = await app.request('/v1/audio/speech', {
      headers: { Origin: 'http://localhost:3000' },
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
    const unknown = await app.request('/v1/models/whisper-1');
    expect(unknown.status).toBe(404);
    expect((await errorOf(unknown)).code).toBe('model_not_found');
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
      'the backend goes away',
      { backend: { hello: { model: FIXTURE_MODEL, vocabulary: null, drainsWithinMs: 5_000 } } },
      'draining',
      'going away',
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
      route: '/v1/audio/speech',
      status: 200,
      characters: 12,
      voice: FIXTURE_VOICE,
      sentences: 1,
      samples: 1_000,
      total_ms: [4],
      semantic_ms: 1,
      semantic_steps: 10,
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

  test.each([
    ['/v1/audio/speech/zebra', 'unmatched'],
    ['/zebra', 'unmatched'],
    ['/v1/models/zebra', '/v1/models/:id{.+}'],
    ['/v1/models', '/v1/models'],
    ['/health', '/health'],
  ])('names the route of %s, not the path: %s', async (path, route) => {
    const edge = makeEdge();
    await edge.app.request(path);
    expect(edge.log).toEqual([expect.objectContaining({ route })]);
    expect(JSON.stringify(edge.log)).not.toContain('zebra');
  });

  test('names the route of a method that is not done', async () => {
    const edge = makeEdge();
    await edge.app.request('/v1/voices', { method: 'DELETE' });
    expect(edge.log[0]).toMatchObject({ route: '/v1/voices', method: 'DELETE', status: 405 });
  });

  test('nor does a query stand in it', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    await (await edge.app.request('/v1/audio/speech?input=zebra')).arrayBuffer();
    expect(JSON.stringify(edge.log)).not.toContain('zebra');
  });
});
