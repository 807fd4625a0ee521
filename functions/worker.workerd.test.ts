import { exports } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { readWav } from '#shared/audio/wav-file.ts';

const edge = (exports as { default: Fetcher }).default;

describe('the Worker', () => {
  test('is well', async () => {
    const response = await edge.fetch('http://127.0.0.1/health');
    expect(await response.json()).toEqual({ status: 'ok', model: 'bark-toy' });
  });

  test('speaks', async () => {
    const response = await edge.fetch('http://127.0.0.1/v1/audio/speech', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ input: 'Hello world.', seed: 3, response_format: 'wav' }),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('X-Seed')).toBe('3');
    const wav = readWav(new Uint8Array(await response.arrayBuffer()));
    expect(wav.samples).toHaveLength(48_000);
  });

  test('speaks to several at once, each over a connection of its own', async () => {
    const sizes = await Promise.all(
      Array.from({ length: 4 }, async (_, i) => {
        const response = await edge.fetch(
          `http://127.0.0.1/v1/audio/speech?input=Hello%20${i}.&response_format=pcm`,
        );
        return (await response.arrayBuffer()).byteLength;
      }),
    );
    expect(sizes).toEqual([96_000, 96_000, 96_000, 96_000]);
  });

  test('lets a reader go', async () => {
    const response = await edge.fetch('http://127.0.0.1/v1/audio/speech?input=Hello.');
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect((await edge.fetch('http://127.0.0.1/health')).status).toBe(200);
  });
});
