import { describe, expect, test } from 'vitest';
import { mintApiKey, readApiKey } from './api-key.ts';
import { fromBase64Url, toBase64Url } from './base64-url.ts';
import { readBrowserToken, signBrowserToken } from './browser-token.ts';
import { isLoopback } from './loopback.ts';
import { Signer } from './signer.ts';

const signer = new Signer('a secret of at least 32 characters');
const stranger = new Signer('another secret of 32 characters...');

/** The same text with one character changed to another of the alphabet. */
function changedAt(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}

describe('an API key', () => {
  test('is read as it was made, under the same secret alone', async () => {
    const { key, id, secretHash } = await mintApiKey(signer);
    expect(key).toMatch(/^bk_[0-9a-f]{16}_[\w-]{54}$/);
    expect(await readApiKey(signer, key)).toEqual({ id, secretHash });
    expect(await readApiKey(stranger, key)).toBeNull();
    expect(key).not.toContain(secretHash);
  });

  test('is refused with any character changed', async () => {
    const { key } = await mintApiKey(signer);
    // the last character has bits that are not of the tag
    for (let at = 0; at < key.length; at += 1) {
      expect(await readApiKey(signer, changedAt(key, at))).toBeNull();
    }
    for (const text of ['', 'bk_', key.slice(1), `${key}A`, key.toUpperCase()]) {
      expect(await readApiKey(signer, text)).toBeNull();
    }
  });
});

describe('a browser token', () => {
  const claims = { key: '0123456789abcdef', scopes: ['speech' as const], expiresMs: 5_000 };

  test('carries its claims, under the same secret and purpose alone', async () => {
    const token = await signBrowserToken(signer, { ...claims, origin: 'https://page.test' });
    expect(await readBrowserToken(signer, token)).toEqual({
      ...claims,
      origin: 'https://page.test',
    });
    expect(await readBrowserToken(stranger, token)).toBeNull();
    const [payload = ''] = token.slice(3).split('.');
    const forged = `bt_${payload}.${await signer.sign('audio url', payload)}`;
    expect(await readBrowserToken(signer, forged)).toBeNull();
  });

  test('is refused when something else is claimed', async () => {
    const [payload, signature] = (await signBrowserToken(signer, claims)).slice(3).split('.');
    const other = toBase64Url(
      new TextEncoder().encode(JSON.stringify({ ...claims, expiresMs: 9e15 })),
    );
    expect(await readBrowserToken(signer, `bt_${other}.${signature}`)).toBeNull();
    expect(await readBrowserToken(signer, `bt_${payload}.`)).toBeNull();
    expect(await readBrowserToken(signer, `bt_${payload}.${'A'.repeat(43)}`)).toBeNull();
  });
});

describe('base64url', () => {
  test('is undone, and refuses what it never makes', () => {
    for (let size = 0; size < 50; size += 1) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 37 + size * 11) % 256);
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
    }
    for (const text of ['A', 'AAAAA', 'AA==', 'AA+A', 'AA/A', 'ä']) {
      expect(fromBase64Url(text)).toBeNull();
    }
  });
});

describe('this machine', () => {
  test.each([
    ['http://localhost:8787/', {}, true],
    ['http://bark.localhost/', {}, true],
    ['http://127.0.0.1:8787/', { 'CF-Connecting-IP': '127.0.0.1' }, true],
    ['http://[::1]:8787/', { 'CF-Connecting-IP': '::1' }, true],
    ['http://localhost/', { 'CF-Connecting-IP': '::ffff:127.0.0.1' }, true],
    ['http://localhost/', { Origin: 'http://localhost:3000' }, true],
    ['http://localhost/', { 'CF-Connecting-IP': '192.168.1.7' }, false],
    ['http://localhost/', { Origin: 'https://page.test' }, false],
    ['http://localhost/', { Origin: 'null' }, false],
    ['http://192.168.1.2:8787/', {}, false],
    ['https://edge.example/', {}, false],
    ['http://localhost.example/', {}, false],
    ['http://127.0.0.1.example/', {}, false],
  ])('%s with %j: %s', (url, headers, expected) => {
    expect(isLoopback(new Request(url, { headers }))).toBe(expected);
  });
});
