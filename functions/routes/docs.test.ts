import { describe, expect, test } from 'vitest';
import { makeEdge } from '../../tests/workers/edge.ts';
import { openApiDocument } from './openapi.ts';

describe('GET /docs', () => {
  test('shows every route and schema, and every link on it leads somewhere', async () => {
    const response = await makeEdge().app.request('/docs');
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toContain('text/html');
    const page = await response.text();
    const document = openApiDocument(false) as Record<string, Record<string, object>>;
    for (const path of Object.keys(document['paths'] ?? {})) expect(page).toContain(path);
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const name of Object.keys(document['components']?.['schemas'] ?? {})) {
      expect(ids).toContain(`schema-${name}`);
    }
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(50);
    for (const link of links) expect(ids).toContain(link);
    expect(page).not.toMatch(/undefined|\[object Object\]|<script|style="/);
  });

  test('may run and fetch nothing from elsewhere', async () => {
    const { headers } = await makeEdge().app.request('/docs');
    const policy = headers.get('Content-Security-Policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  });

  test('takes GET alone', async () => {
    const response = await makeEdge().app.request('/docs', { method: 'POST' });
    expect(response.status).toBe(405);
  });
});
