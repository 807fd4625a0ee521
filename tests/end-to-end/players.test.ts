/** What players and audio tools make of the speech of a running edge: every format, while it is made and afterwards. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { startHalves, type Halves } from '../support/halves.ts';
import { startPage, type ServedPage } from '../support/page-server.ts';

const TEXT = 'Hello, my dog is cute. He barks at the moon every single night.';
const SENTENCES = Array.from(
  { length: 5 },
  (_, i) =>
    `Sentence number ${i + 1} of a rather long text is about a dog & the moon that he sees.`,
);

const MPEG_RATES = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
const ANY_RATES = [8_000, 11_025, 24_000, 44_100, 48_000];

/** Each format at its rates, with the codec that ffprobe finds. */
const FILES: readonly (readonly [string, string, readonly number[]])[] = [
  ['response_format=mp3', 'mp3', MPEG_RATES],
  ['response_format=opus', 'opus', [8_000, 12_000, 16_000, 24_000, 48_000]],
  ['response_format=aac', 'aac', MPEG_RATES],
  ['response_format=flac', 'flac', ANY_RATES],
  ['response_format=wav', 'pcm_s16le', ANY_RATES],
  ['response_format=wav&encoding=mulaw', 'pcm_mulaw', [8_000, 16_000]],
  ['response_format=wav&encoding=alaw', 'pcm_alaw', [8_000, 16_000]],
  ['response_format=pcm', 'pcm_s16le', ANY_RATES],
  ['response_format=mulaw', 'pcm_mulaw', [8_000, 16_000]],
  ['response_format=alaw', 'pcm_alaw', [8_000, 16_000]],
];

/** How raw samples are told to ffmpeg. */
const RAW: Readonly<Record<string, string>> = {
  'response_format=pcm': 's16le',
  'response_format=mulaw': 'mulaw',
  'response_format=alaw': 'alaw',
};

/** Both halves and the players share the machine with whatever else it does. */
vi.setConfig({ testTimeout: 240_000 });

let halves: Halves;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bark-players-'));
  halves = await startHalves();
}, 120_000);
afterAll(async () => {
  await halves?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What a tool prints, on both ways; null where it is not installed. Throws when it refuses. */
async function tool(name: string, args: readonly string[]): Promise<Buffer | null> {
  const options = { encoding: 'buffer', maxBuffer: 1 << 28, timeout: 30_000 } as const;
  try {
    const { stdout, stderr } = await promisify(execFile)(name, args, options);
    return Buffer.concat([stdout, stderr]);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return null;
    throw error;
  }
}

async function heard(query: string): Promise<Buffer> {
  const input = new URLSearchParams({ input: TEXT, seed: '7' }).toString();
  const response = await fetch(`${halves.url}/v1/audio/speech?${input}&${query}`);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

interface SignedUrl {
  readonly url: string;
  readonly captions: { readonly vtt: string };
}

async function signedUrl(body: object): Promise<SignedUrl> {
  const response = await fetch(`${halves.url}/v1/audio/urls`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(201);
  return response.json() as Promise<SignedUrl>;
}

/** Waits until what the URL plays is a file; its bytes. */
async function finished(url: string): Promise<number> {
  let size = '';
  await vi.waitFor(
    async () => {
      const { headers } = await fetch(url, { method: 'HEAD' });
      expect((size = headers.get('content-length') ?? '')).not.toBe('');
    },
    { timeout: 200_000, interval: 250 },
  );
  return Number(size);
}

describe('audio tools', () => {
  test.for(FILES)('read %s as %s at every rate, to its last sample', async (one, { skip }) => {
    const [query, codec, rates] = one;
    const seconds = (await heard('response_format=pcm')).byteLength / 48_000;
    for (const rate of rates) {
      const file = join(folder, `${codec}-${rate}`);
      await writeFile(file, await heard(`${query}&sample_rate=${rate}`));
      const raw = RAW[query];
      const layout =
        raw === undefined ? [] : ['-f', raw, '-ar', String(rate), '-ch_layout', 'mono'];
      const probe = await tool('ffprobe', [
        '-v',
        'error',
        ...layout,
        '-of',
        'json',
        '-show_streams',
        file,
      ]);
      if (probe === null) {
        skip('ffprobe is not installed');
        return;
      }
      // an error would not be JSON
      const { streams } = JSON.parse(probe.toString()) as { streams: Record<string, unknown>[] };
      expect(streams).toHaveLength(1);
      expect(streams[0]).toMatchObject({
        codec_name: codec,
        channels: 1,
        // Opus is played at 48 000, whatever it was made of
        sample_rate: String(codec === 'opus' ? 48_000 : rate),
      });
      const input = ['-v', 'error', ...layout, '-i', file];
      const output = ['-f', 's16le', '-ar', String(rate), '-ac', '1', '-'];
      const decoded = await tool('ffmpeg', [...input, ...output]);
      const length = (decoded?.byteLength ?? 0) / 2 / rate;
      // a codec may add silence at both ends: of a frame each, and LAME's and its decoder's delay
      expect(length, `${query} at ${rate}`).toBeGreaterThan(seconds - 0.002);
      expect(length - seconds, `${query} at ${rate}`).toBeLessThan(
        ['mp3', 'aac'].includes(codec) ? 0.02 + 4_000 / rate : 0.01,
      );
    }
  });

  /** Each tool with what it is given and what it must not say. */
  const TOOLS: readonly (readonly [string, string, readonly string[], readonly number[]])[] = [
    ['mpg123', 'response_format=mp3', ['--test'], MPEG_RATES],
    ['opusinfo', 'response_format=opus', [], [8_000, 24_000, 48_000]],
    ['flac', 'response_format=flac', ['--test'], ANY_RATES],
    ['soxi', 'response_format=wav&encoding=mulaw', [], [8_000]],
    ['soxi', 'response_format=wav&encoding=alaw', [], [8_000]],
  ];
  test.for(TOOLS)(
    '%s accepts %s without complaint',
    async ([name, query, args, rates], { skip }) => {
      for (const rate of rates) {
        const file = join(folder, `${name}-${rate}.${/\w+$/.exec(query.split('&')[0] ?? '')?.[0]}`);
        await writeFile(file, await heard(`${query}&sample_rate=${rate}`));
        const said = await tool(name, [...args, file]);
        if (said === null) {
          skip(`${name} is not installed`);
          return;
        }
        const complaints = said
          .toString()
          .split('\n')
          .filter((line) => /warning|error|resync|illegal|invalid|corrupt/i.test(line))
          // a stream can not know its sum or its length when it begins
          .filter((line) => !/cannot check MD5 signature|Length in .* header/i.test(line));
        expect(complaints).toEqual([]);
      }
    },
  );

  test('a finished WAV of G.711 is what sox reads: the samples of the telephone', async ({
    skip,
  }) => {
    for (const [encoding, law] of [
      ['mulaw', 'ul'],
      ['alaw', 'al'],
    ] as const) {
      const { url } = await signedUrl({ input: TEXT, seed: 7, response_format: 'wav', encoding });
      await (await fetch(url)).arrayBuffer();
      await finished(url);
      const file = join(folder, `finished-${encoding}.wav`);
      await writeFile(file, Buffer.from(await (await fetch(url)).arrayBuffer()));
      const samples = ['-t', 's16', '-'];
      const read = await tool('sox', [file, ...samples]);
      if (read === null) {
        skip('sox is not installed');
        return;
      }
      const raw = join(folder, `raw.${law}`);
      await writeFile(raw, await heard(`response_format=${encoding}`));
      const expected = await tool('sox', ['-r', '8000', '-c', '1', raw, ...samples]);
      expect(expected?.byteLength).toBeGreaterThan(8_000);
      expect(Buffer.compare(read, expected ?? Buffer.alloc(0))).toBe(0);
    }
  });
});

describe('the probe of a player that asks for two bytes first', () => {
  test.each(['mp3', 'wav'])('is answered before %s is made, and after', async (format) => {
    const { url } = await signedUrl({ input: `Safari, ${TEXT}`, response_format: format });
    const probe = await fetch(url, { headers: { Range: 'bytes=0-1' } });
    expect([probe.status, probe.headers.get('content-range')]).toEqual([206, 'bytes 0-1/*']);
    expect((await probe.arrayBuffer()).byteLength).toBe(2);
    const whole = await fetch(url, { headers: { Range: 'bytes=0-' } });
    const bytes = await whole.arrayBuffer();
    expect(await finished(url)).toBe(bytes.byteLength);
    const again = await fetch(url, { headers: { Range: 'bytes=0-1' } });
    expect([again.status, again.headers.get('content-range')]).toEqual([
      206,
      `bytes 0-1/${bytes.byteLength}`,
    ]);
    expect((await again.arrayBuffer()).byteLength).toBe(2);
  });
});

describe('<audio> in Chromium', () => {
  let served: ServedPage;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    if (chromiumPath === null) return;
    served = await startPage('<!doctype html><audio id="audio" crossorigin="anonymous"></audio>');
    browser = await launchChromium(['--autoplay-policy=no-user-gesture-required', '--mute-audio']);
  });
  afterAll(async () => {
    await browser?.close();
    served?.stop();
  });
  beforeEach(async (context) => {
    if (chromiumPath === null) {
      context.skip('no Chromium on this machine; CHROMIUM_PATH names one');
    }
    page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    await page.goto(served.url);
    return async () => page.close();
  });

  /** Evaluated in the page, where `audio` is the player. */
  const inPage = async (expression: string): Promise<unknown> =>
    page.evaluate(
      `(async () => { const audio = document.getElementById('audio'); ${expression} })()`,
    );
  const until = async (condition: string): Promise<unknown> =>
    page.waitForFunction(`(() => {
      const audio = document.getElementById('audio');
      if (audio.error) throw new Error(audio.error.message);
      return ${condition};
    })()`);
  const play = async (url: string): Promise<unknown> =>
    inPage(`audio.src = ${JSON.stringify(url)}; await audio.play();`);
  const spokenSince = (from: number): number =>
    halves.backendLog.slice(from).filter(({ event }) => event === 'spoken').length;

  test('plays a GET of speech while it is made', async () => {
    const from = halves.backendLog.length;
    const input = SENTENCES.join(' ');
    await play(
      `${halves.url}/v1/audio/speech?${new URLSearchParams({ input, seed: '1' }).toString()}`,
    );
    await until('audio.currentTime > 0.5');
    expect(spokenSince(from)).toBeLessThan(SENTENCES.length);
  });

  test.each(['mp3', 'opus', 'aac', 'flac', 'wav'])(
    'plays a signed URL of %s while it is made, then seeks in the file, to its end',
    async (format) => {
      const from = halves.backendLog.length;
      const { url, captions } = await signedUrl({
        input: SENTENCES.join(' '),
        response_format: format,
        // words that nobody has heard in this voice and manner: nothing is kept of them
        seed: 100 + format.charCodeAt(0),
      });
      await play(url);
      await until('audio.currentTime > 0.5');
      expect(spokenSince(from)).toBeLessThan(SENTENCES.length);
      expect((await fetch(url, { method: 'HEAD' })).headers.has('content-length')).toBe(false);
      await inPage('audio.pause();');

      await finished(url);
      const ranges: number[] = [];
      page.on('response', (response) => {
        if (response.url() === url) ranges.push(response.status());
      });
      await page.reload();
      await inPage(`audio.preload = 'auto'; audio.src = ${JSON.stringify(url)};`);
      await until('audio.readyState >= 1 && Number.isFinite(audio.duration)');
      const cues = (await (await fetch(captions.vtt)).text()).match(/\d\d:(\d\d):(\d\d\.\d{3})\n/g);
      const [, minutes, seconds] = /(\d\d):(\d\d\.\d{3})\n/.exec(cues?.at(-1) ?? '') ?? [];
      const length = Number(minutes) * 60 + Number(seconds);
      expect(length).toBeGreaterThan(SENTENCES.length);
      const duration = (await inPage('return audio.duration;')) as number;
      // ADTS has no place for a length: players estimate it by the first frames
      const tolerance = format === 'aac' ? 0.1 * length : 0.3;
      expect(Math.abs(duration - length)).toBeLessThan(tolerance);
      await inPage(`audio.currentTime = ${length - 1};`);
      await until('!audio.seeking');
      await inPage('await audio.play();');
      await until('audio.ended');
      expect(await inPage('return audio.currentTime;')).toBeGreaterThan(length - tolerance);
      expect(ranges).toContain(206);
    },
  );

  test('lets a page of another origin read a file in parts', async () => {
    const { url } = await signedUrl({ input: `Parts, ${TEXT}`, response_format: 'mp3' });
    await (await fetch(url)).arrayBuffer();
    const size = await finished(url);
    const told = await inPage(`
      const response = await fetch(${JSON.stringify(url)}, { headers: { Range: 'bytes=10-19' } });
      const { byteLength } = await response.arrayBuffer();
      return [response.status, response.headers.get('Content-Range'), byteLength];
    `);
    expect(told).toEqual([206, `bytes 10-19/${size}`, 10]);
  });

  test('shows the captions of what it plays', async () => {
    const { url, captions } = await signedUrl({ input: SENTENCES.join(' '), seed: 9 });
    await inPage(`
      audio.innerHTML = '<track kind="captions" srclang="en" default>';
      audio.firstChild.src = ${JSON.stringify(captions.vtt)};
    `);
    await play(url);
    await until('audio.textTracks[0].cues?.length > 0');
    const cues = (await inPage(
      'return [...audio.textTracks[0].cues].map((cue) => [cue.getCueAsHTML().textContent, cue.startTime, cue.endTime]);',
    )) as [string, number, number][];
    expect(cues.map(([text]) => text)).toEqual(SENTENCES);
    for (const [i, [, from, to]] of cues.entries()) {
      expect(to).toBeGreaterThan(from);
      expect(from).toBeCloseTo(i === 0 ? 0 : (cues[i - 1]?.[2] ?? 0) + 0.25, 2);
    }
  });
});
