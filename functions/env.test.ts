import { describe, expect, test } from 'vitest';
import { readEnv, type Env } from './env.ts';

const ASSETS = { fetch: async () => new Response('asset') } as unknown as Fetcher;
const BARK_FILES = {
  get: async () => ({ arrayBuffer: async () => new TextEncoder().encode('object').buffer }),
} as unknown as R2Bucket;
const GPU_BACKEND_URL = 'http://gpu.test:9090/bark';

async function fileOf(env: Env): Promise<string> {
  return new TextDecoder().decode((await readEnv(env).files.read('bark/x')) ?? new Uint8Array(0));
}

describe('the settings', () => {
  test('say where the backend is, with a WebSocket address meant the same', () => {
    expect(readEnv({ GPU_BACKEND_URL, ASSETS }).backendUrl.href).toBe(GPU_BACKEND_URL);
    expect(readEnv({ GPU_BACKEND_URL: 'wss://gpu.test', ASSETS }).backendUrl.href).toBe(
      'https://gpu.test/',
    );
  });

  test.each<[string, Env]>([
    ['asset', { ASSETS }],
    ['asset', { ASSETS, BARK_FILES }],
    ['asset', { FILES: 'assets', ASSETS, BARK_FILES }],
    ['object', { FILES: 'r2', ASSETS, BARK_FILES }],
    ['object', { BARK_FILES }],
  ])('take files from an %s with %j', async (kind, env) => {
    expect(await fileOf({ GPU_BACKEND_URL, ...env })).toBe(kind);
  });

  test.each<[string, Env]>([
    ['GPU_BACKEND_URL', { ASSETS }],
    ['GPU_BACKEND_URL', { ASSETS, GPU_BACKEND_URL: 'localhost:9090' }],
    ['GPU_BACKEND_URL', { ASSETS, GPU_BACKEND_URL: 'ftp://gpu.test' }],
    ['ASSETS', { GPU_BACKEND_URL, FILES: 'assets' }],
    ['BARK_FILES', { GPU_BACKEND_URL, FILES: 'r2', ASSETS }],
    ['FILES', { GPU_BACKEND_URL, FILES: 'disk', ASSETS }],
  ])('that are wrong are named: %s', (name, env) => {
    expect(() => readEnv(env)).toThrow(name);
  });

  test('open the door to every page unless told otherwise', () => {
    expect(readEnv({ GPU_BACKEND_URL, ASSETS }).corsOrigins).toEqual(['*']);
    expect(
      readEnv({ GPU_BACKEND_URL, ASSETS, GPU_BACKEND_TOKEN: '' }).backendToken,
    ).toBeUndefined();
  });
});
