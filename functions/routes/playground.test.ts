import { describe, expect, test } from 'vitest';
import type { StagedFiles } from '../staged/staged-files.ts';
import { makeEdge } from '../../tests/workers/edge.ts';

const staged: StagedFiles = {
  read: async (path) =>
    path.startsWith('playground/') ? Uint8Array.from(Buffer.from(`this is ${path}`)) : null,
};

describe('the playground', () => {
  test.each([
    ['/', 'index.html', 'text/html; charset=utf-8'],
    ['/playground/main.js', 'main.js', 'text/javascript; charset=utf-8'],
    ['/playground/codec-wasm.js', 'codec-wasm.js', 'text/javascript; charset=utf-8'],
    ['/playground/codec-webgpu.js', 'codec-webgpu.js', 'text/javascript; charset=utf-8'],
    ['/playground/playground.css', 'playground.css', 'text/css; charset=utf-8'],
    ['/playground/docs.css', 'docs.css', 'text/css; charset=utf-8'],
  ])('%s is %s', async (path, name, mediaType) => {
    const response = await makeEdge({ files: staged }).app.request(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe(mediaType);
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(response.headers.get('Content-Security-Policy')).toContain("script-src 'self'");
    expect(await response.text()).toBe(`this is playground/${name}`);
  });

  test('is not sent again while it is the same', async () => {
    const { app } = makeEdge({ files: staged });
    const tag = (await app.request('/playground/main.js')).headers.get('ETag') ?? '';
    const again = await app.request('/playground/main.js', { headers: { 'If-None-Match': tag } });
    expect(again.status).toBe(304);
    const other = await app.request('/playground/docs.css', { headers: { 'If-None-Match': tag } });
    expect(other.status).toBe(200);
  });

  test.each([
    ['ort-1.30.0.wasm', 'application/wasm'],
    ['ort-1.30.0-jspi.wasm', 'application/wasm'],
    ['ort-1.30.0.mjs', 'text/javascript; charset=utf-8'],
  ])('%s is kept for good, and may be compiled by the page', async (name, mediaType) => {
    const response = await makeEdge({ files: staged }).app.request(`/playground/${name}`);
    expect(response.headers.get('Content-Type')).toBe(mediaType);
    expect(response.headers.get('Cache-Control')).toContain('immutable');
    expect(await response.text()).toBe(`this is playground/${name}`);
    const policy = response.headers.get('Content-Security-Policy');
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).toContain("worker-src 'self'");
  });

  test.each([
    '/playground/ort-1.wasm',
    '/playground/ort-1.30.0-jsep.wasm',
    '/playground/other.js',
    '/playground/..%2Fbark%2Fmanifest.json',
    '/playground/',
  ])('%s is not part of it', async (path) => {
    const response = await makeEdge({ files: staged }).app.request(path);
    expect(response.status).toBe(404);
  });

  test('that was not staged says how', async () => {
    const response = await makeEdge().app.request('/');
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('npm run stage');
  });

  test('takes GET alone', async () => {
    const response = await makeEdge({ files: staged }).app.request('/', { method: 'POST' });
    expect(response.status).toBe(405);
    expect(response.headers.get('Allow')).toBe('GET, HEAD, OPTIONS');
  });
});
