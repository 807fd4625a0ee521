import { exports } from 'cloudflare:workers';
import { describe, expect, test, vi } from 'vitest';

const edge = (exports as { default: Fetcher }).default;

interface UrlAnswer {
  readonly url: string;
  readonly captions: { readonly vtt: string; readonly srt: string };
  readonly expires_at: string;
}

async function makeUrl(body: Record<string, unknown>): Promise<UrlAnswer> {
  const response = await edge.fetch('http://127.0.0.1/v1/audio/urls', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(201);
  return response.json();
}

async function play(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return edge.fetch(url, { headers });
}

/** Plays it to its end and waits until it is a file. */
async function finished(url: string): Promise<Uint8Array> {
  const bytes = await (await play(url)).bytes();
  await vi.waitFor(async () => {
    const again = await play(url);
    await again.bytes();
    expect(again.headers.get('ETag')).not.toBeNull();
  });
  return bytes;
}

const TWO_SENTENCES =
  'The voice says hello to the world, and the world says hello to the voice. ' +
  'The world is wide, and the voice is in the world and says so to the wide world.';

const WORDS = ['voice', 'world', 'dog', 'moon', 'night', 'cat', 'house', 'street', 'river', 'sea'];

describe('a signed URL', () => {
  test('plays while it is made, then is a file of known length in which one can seek', async () => {
    const { url } = await makeUrl({ input: 'Hello wide world.', response_format: 'pcm' });
    expect(new URL(url).pathname).toMatch(/^\/listen\/[\w.-]+\/speech\.pcm$/);
    const live = await play(url);
    expect(live.headers.get('Content-Type')).toContain('audio/pcm');
    expect(live.headers.get('Content-Length')).toBeNull();
    const bytes = await live.bytes();
    expect(bytes.byteLength).toBe(96_000);
    expect(await finished(url)).toEqual(bytes);

    const whole = await play(url);
    expect(whole.headers.get('Content-Length')).toBe('96000');
    expect(whole.headers.get('Cache-Control')).toMatch(/^private, max-age=3\d{3}, immutable$/);
    expect(await whole.bytes()).toEqual(bytes);
    const part = await play(url, { Range: 'bytes=1000-1999' });
    expect([part.status, part.headers.get('Content-Range')]).toEqual([
      206,
      'bytes 1000-1999/96000',
    ]);
    expect(await part.bytes()).toEqual(bytes.slice(1_000, 2_000));
    const tail = await play(url, { Range: 'bytes=95990-' });
    expect([tail.status, (await tail.bytes()).byteLength]).toEqual([206, 10]);
    const suffix = await play(url, { Range: 'bytes=-16' });
    expect(suffix.headers.get('Content-Range')).toBe('bytes 95984-95999/96000');
    await suffix.bytes();
    const all = await play(url, { Range: 'bytes=0-' });
    expect([all.status, all.headers.get('Content-Range')]).toEqual([206, 'bytes 0-95999/96000']);
    await all.bytes();
    const beyond = await play(url, { Range: 'bytes=96000-' });
    expect([beyond.status, beyond.headers.get('Content-Range')]).toEqual([416, 'bytes */96000']);
    await beyond.bytes();

    const etag = whole.headers.get('ETag') ?? '';
    const unchanged = await play(url, { 'If-None-Match': etag });
    expect([unchanged.status, (await unchanged.bytes()).byteLength]).toEqual([304, 0]);
    const other = await play(url, { 'If-Range': '"another"', Range: 'bytes=0-1' });
    expect([other.status, (await other.bytes()).byteLength]).toEqual([200, 96_000]);
    const head = await edge.fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('Content-Length')]).toEqual([200, '96000']);
  });

  test('answers the probe of a player before there is a length', async () => {
    const { url } = await makeUrl({ input: 'Hello, player.', response_format: 'pcm' });
    const head = await edge.fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('Accept-Ranges')]).toEqual([200, 'bytes']);
    const probe = await play(url, { Range: 'bytes=0-1' });
    expect([probe.status, probe.headers.get('Content-Range')]).toEqual([206, 'bytes 0-1/*']);
    expect((await probe.bytes()).byteLength).toBe(2);
    expect((await finished(url)).byteLength).toBe(96_000);
  });

  test('is joined by all who open it at once', async () => {
    const { url } = await makeUrl({ input: 'Hello, all of you.', response_format: 'wav' });
    const all = await Promise.all(Array.from({ length: 4 }, async () => (await play(url)).bytes()));
    for (const bytes of all) expect(bytes).toEqual(all[0]);
    const kept = await finished(url).then(async () => (await play(url)).bytes());
    // the same sound, with the sizes that the stream could not know
    expect(kept.byteLength).toBe(all[0]?.byteLength);
    expect(new DataView(kept.buffer).getUint32(4, true)).toBe(kept.byteLength - 8);
  });

  test('has captions in the words that were given', async () => {
    const { url, captions } = await makeUrl({ input: TWO_SENTENCES, response_format: 'pcm' });
    const [vtt, srt] = await Promise.all([play(captions.vtt), play(captions.srt)]);
    expect(vtt.headers.get('Content-Type')).toBe('text/vtt; charset=utf-8');
    expect(await vtt.text()).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n' +
        'The voice says hello to the world, and the world says hello to the voice.\n\n' +
        '00:00:02.250 --> 00:00:04.250\n' +
        'The world is wide, and the voice is in the world and says so to the wide world.\n',
    );
    expect(await srt.text()).toContain('2\n00:00:02,250 --> 00:00:04,250\nThe world');
    await finished(url);
  });

  test('that was changed or is too old plays nothing, and a wrong one is refused before it is made', async () => {
    const { url } = await makeUrl({ input: 'Hello.', expires_in_seconds: 60 });
    const changed = [
      url.replace(/\.(\d{10})\./, (_, seconds: string) => `.${Number(seconds) + 1}.`),
      url.replace(/listen\/./, (start) => (start.endsWith('0') ? 'listen/1' : 'listen/0')),
    ];
    for (const one of changed) {
      const response = await play(one);
      expect(response.status).toBe(403);
      expect(await response.text()).toContain('forbidden');
    }
    for (const body of [{ input: '' }, { input: 'Hello.', expires_in_seconds: 1 }]) {
      const response = await edge.fetch('http://127.0.0.1/v1/audio/urls', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(400);
      await response.text();
    }
  });

  test('takes a text far longer than a request does, and loses no sentence of it', async () => {
    const sentences = Array.from({ length: 80 }, (_, i) => {
      const at = (part: number): string => WORDS[(i * 7 + part) % WORDS.length] ?? '';
      return `The ${at(1)} says hello to the wide ${at(2)}, and the ${at(3)} says so to the ${at(4)}.`;
    });
    const input = sentences.join(' ');
    expect(input.length).toBeGreaterThan(4_096);
    const { url, captions } = await makeUrl({ input, response_format: 'mulaw' });
    const [bytes, vtt] = await Promise.all([finished(url), (await play(captions.vtt)).text()]);
    // two seconds each, and a quarter of one between two
    expect(bytes.byteLength).toBe(8_000 * (2 * 80 + 79 / 4));
    const heard = vtt.split('\n').filter((line) => line.startsWith('The '));
    expect(heard).toEqual(sentences);
  });

  test('that would be too large a file is refused before it is made', async () => {
    const input = 'The voice says hello to the world. '.repeat(600);
    const response = await edge.fetch('http://127.0.0.1/v1/audio/urls', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ input, response_format: 'wav' }),
    });
    expect(response.status).toBe(413);
    expect(await response.text()).toContain('ask for opus or mp3');
  });

  test('has the ending of its format, and no other', async () => {
    const { url } = await makeUrl({ input: 'Hello, ending.', response_format: 'pcm' });
    const other = url.replace(/pcm$/, 'mp3');
    for (const method of ['GET', 'HEAD']) {
      const refused = await edge.fetch(other, { method });
      expect(refused.status).toBe(404);
      await refused.text();
    }
    const told = await play(other);
    expect(await told.text()).toContain('This URL plays speech.pcm');
    await finished(url);
    const still = await play(other);
    expect(still.status).toBe(404);
    await still.text();
  });

  test('stops the work when nobody listens any more, and begins anew for the next', async () => {
    const { url } = await makeUrl({ input: 'Hello, and goodbye.', response_format: 'pcm' });
    const leaving = await play(url);
    await leaving.body?.cancel();
    expect((await finished(url)).byteLength).toBe(96_000);
  });
});
