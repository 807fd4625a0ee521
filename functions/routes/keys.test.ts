import { beforeEach, describe, expect, test } from 'vitest';
import { makeEdge, type Edge } from '../../tests/workers/edge.ts';
import { memoryKeys } from '../../tests/workers/memory-keys.ts';
import { keyAccess } from '../keys/access.ts';
import { Signer } from '../keys/signer.ts';
import type { FileStore } from '../urls/file-store.ts';

const ADMIN_TOKEN = 'the-administrator-of-these-tests-only';
const signer = new Signer('a secret of at least 32 characters');

/** Keeps nothing. */
const full = async (): Promise<never> => Promise.reject(new Error('The bucket is full.'));
const fullStore: FileStore = { putOrder: full, getOrder: full, put: full, get: full, facts: full };

let edge: Edge;
let nowMs = 0;

beforeEach(() => {
  nowMs = Date.UTC(2026, 10, 5);
  const store = memoryKeys();
  edge = makeEdge({
    keys: { signer, store },
    access: keyAccess({ signer, store, adminToken: ADMIN_TOKEN, now: () => nowMs }),
    now: () => nowMs,
    backend: { samples: 100 },
    urls: { signer, store: fullStore, room: () => ({ audio: full, facts: full }) },
  });
});

interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string; readonly param: string };
}

async function ask(
  path: string,
  credential: string,
  { headers, ...init }: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
): Promise<Response> {
  return edge.app.request(path, {
    ...init,
    headers: {
      Authorization: `Bearer ${credential}`,
      'Content-Type': 'application/json',
      ...headers,
    },
  });
}

async function post(path: string, credential: string, body: unknown): Promise<Response> {
  return ask(path, credential, { method: 'POST', body: JSON.stringify(body) });
}

async function makeKey(fields: object = {}): Promise<{ id: string; key: string }> {
  const response = await post('/v1/keys', ADMIN_TOKEN, { name: 'app', ...fields });
  expect(response.status).toBe(201);
  expect(response.headers.get('Cache-Control')).toBe('no-store');
  return response.json();
}

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as ErrorAnswer).error.code;
}

const SPEECH = { input: 'Hello.', response_format: 'pcm' };

describe('keys', () => {
  test('are made, listed without their secret, described and revoked', async () => {
    const { id, key } = await makeKey({ expires_in_seconds: 60, characters_per_month: 500 });
    expect((await post('/v1/audio/speech', key, SPEECH)).status).toBe(200);
    const described = {
      object: 'api_key',
      id,
      name: 'app',
      scopes: ['speech', 'read', 'tokens'],
      created_at: '2026-11-05T00:00:00.000Z',
      expires_at: '2026-11-05T00:01:00.000Z',
      revoked_at: null,
      requests_per_minute: 120,
      characters_per_month: 500,
      characters_used: 6,
    };
    const list = await ask('/v1/keys', ADMIN_TOKEN);
    expect(await list.json()).toEqual({ object: 'list', data: [described] });
    expect(await (await ask(`/v1/keys/${id}`, ADMIN_TOKEN)).json()).toEqual(described);
    await ask(`/v1/keys/${id}`, ADMIN_TOKEN, { method: 'DELETE' });
    const refused = await post('/v1/audio/speech', key, SPEECH);
    expect(refused.status).toBe(401);
    expect(await codeOf(refused)).toBe('unauthorized');
  });

  test('are needed for everything under /v1, and tell how they are sent', async () => {
    for (const path of ['/v1/audio/speech?input=Hello', '/v1/voices', '/v1/models', '/v1/usage']) {
      const response = await edge.app.request(path);
      expect([path, response.status]).toEqual([path, 401]);
      expect(response.headers.get('WWW-Authenticate')).toBe('Bearer');
      expect(await codeOf(response)).toBe('unauthorized');
    }
    expect((await edge.app.request('/health')).status).toBe(200);
    const { key } = await makeKey();
    const asElevenLabs = await edge.app.request('/v1/voices', { headers: { 'xi-api-key': key } });
    expect(asElevenLabs.status).toBe(200);
  });

  test('of the administrator speak nothing, and others administer nothing', async () => {
    expect(await codeOf(await post('/v1/audio/speech', ADMIN_TOKEN, SPEECH))).toBe('forbidden');
    const { key } = await makeKey();
    expect(await codeOf(await ask('/v1/keys', key))).toBe('forbidden');
    expect(await codeOf(await ask('/v1/keys', 'x'.repeat(40)))).toBe('unauthorized');
  });

  test.each([
    [{ name: '' }, 'name'],
    [{ name: 'app', scopes: ['fly'] }, 'scopes.0'],
    [{ name: 'app', scopes: [] }, 'scopes'],
    [{ name: 'app', expires_in_seconds: 0 }, 'expires_in_seconds'],
    [{ name: 'app', requests_per_minute: 1.5 }, 'requests_per_minute'],
    [{ name: 'app', characters_per_month: -1 }, 'characters_per_month'],
  ])('with %j are refused by field', async (fields, param) => {
    const response = await post('/v1/keys', ADMIN_TOKEN, fields);
    expect(response.status).toBe(400);
    expect(((await response.json()) as ErrorAnswer).error.param).toBe(param);
  });

  test('stop at their rate, with a time to try again, and at their budget', async () => {
    const { key } = await makeKey({ requests_per_minute: 2, characters_per_month: 20 });
    const first = await post('/v1/audio/speech', key, SPEECH);
    expect(first.headers.get('X-RateLimit-Remaining-Requests')).toBe('1');
    expect(first.headers.get('X-Characters-Remaining')).toBe('14');
    await post('/v1/audio/speech', key, SPEECH);
    const third = await post('/v1/audio/speech', key, SPEECH);
    expect([third.status, third.headers.get('Retry-After')]).toEqual([429, '30']);
    expect(third.headers.get('X-Should-Retry')).toBe('true');
    nowMs += 60_000;
    const fourth = await post('/v1/audio/speech', key, { ...SPEECH, input: 'Too long by now.' });
    expect(fourth.headers.get('X-Should-Retry')).toBe('false');
    expect(await codeOf(fourth)).toBe('insufficient_quota');
    const usage = await ask('/v1/usage', key);
    expect(await usage.json()).toMatchObject({ counted: true, characters_used: 12 });
  });

  test('ask what is left as often as they like', async () => {
    const { key } = await makeKey({ requests_per_minute: 1 });
    for (let i = 0; i < 3; i += 1) {
      expect(await (await ask('/v1/usage', key)).json()).toMatchObject({ requests_left: 1 });
    }
    expect((await post('/v1/audio/speech', key, SPEECH)).status).toBe(200);
    expect(await (await ask('/v1/usage', key)).json()).toMatchObject({ requests_left: 0 });
    expect(await codeOf(await ask('/v1/usage', ADMIN_TOKEN))).toBe('forbidden');
  });

  test('pay nothing for what was refused or never heard', async () => {
    const { key } = await makeKey({ characters_per_month: 100 });
    await post('/v1/audio/speech', key, { ...SPEECH, voice: 'nobody' });
    expect((await post('/v1/audio/urls', key, SPEECH)).status).toBe(500);
    const usage = await ask('/v1/usage', key);
    expect(await usage.json()).toMatchObject({ characters_used: 0 });
  });
});

describe('HEAD of a speech', () => {
  test.each([
    [['speech'], 200],
    [['read'], 200],
    [['tokens'], 403],
  ])('with the scopes %j is answered with %i', async (scopes, status) => {
    const { key } = await makeKey({ scopes });
    const response = await ask('/v1/audio/speech?input=Hello.', key, { method: 'HEAD' });
    expect(response.status).toBe(status);
    const left = response.headers.get('X-RateLimit-Remaining-Requests');
    expect(left).toBe(status === 200 ? '119' : null);
  });
});

describe('browser tokens', () => {
  test('speak for their key until they expire or it is revoked, for their origin alone', async () => {
    const { id, key } = await makeKey();
    const made = await post('/v1/tokens', key, {
      expires_in_seconds: 60,
      scopes: ['speech'],
      origin: 'https://page.test/any/path',
    });
    expect(made.status).toBe(201);
    const { token } = (await made.json()) as { token: string };
    const speak = (origin: string): Promise<Response> =>
      ask('/v1/audio/speech?input=Hi&response_format=pcm', token, { headers: { Origin: origin } });
    expect((await speak('https://page.test')).status).toBe(200);
    expect(await codeOf(await speak('https://other.test'))).toBe('forbidden');
    const reading = await ask('/v1/voices', token, { headers: { Origin: 'https://page.test' } });
    expect(await codeOf(reading)).toBe('forbidden');
    expect(await (await ask('/v1/usage', key)).json()).toMatchObject({ characters_used: 2 });
    await ask(`/v1/keys/${id}`, ADMIN_TOKEN, { method: 'DELETE' });
    expect(await codeOf(await speak('https://page.test'))).toBe('unauthorized');
    nowMs += 60_000;
    expect((await speak('https://page.test')).status).toBe(401);
  });

  test('may read from the origin that they belong to, where a browser names no origin', async () => {
    const { key } = await makeKey();
    const tokenFor = async (origin: string): Promise<string> =>
      ((await (await post('/v1/tokens', key, { origin })).json()) as { token: string }).token;
    const headers = { 'Sec-Fetch-Site': 'same-origin' };
    const own = await ask('/v1/voices', await tokenFor('http://localhost'), { headers });
    expect(own.status).toBe(200);
    const other = await ask('/v1/voices', await tokenFor('https://page.test'), { headers });
    expect(await codeOf(other)).toBe('forbidden');
    expect((await ask('/v1/voices', await tokenFor('http://localhost'))).status).toBe(403);
  });

  test('are not made by tokens, nor for longer than an hour', async () => {
    const { key } = await makeKey();
    const { token } = (await (await post('/v1/tokens', key, {})).json()) as { token: string };
    expect(await codeOf(await post('/v1/tokens', token, {}))).toBe('forbidden');
    expect((await post('/v1/tokens', key, { expires_in_seconds: 3_601 })).status).toBe(400);
  });
});
