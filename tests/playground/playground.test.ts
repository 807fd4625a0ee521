/** The playground as its users meet it: a real browser, the real edge, the real inference server. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FORMAT_NAMES } from '../../shared/audio/formats.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { startHalves, type Halves } from '../support/halves.ts';
import { holdSpeech } from '../support/held-speech.ts';

const TEXT = 'Hello, my dog is cute.';
const LONG_TEXT = Array.from(
  { length: 5 },
  (_, i) => `This is sentence number ${i + 1} of a rather long text about a dog and the moon.`,
).join(' ');

/** A browser, an edge and an engine share the machine with whatever else it does. */
const PATIENCE_MS = 200_000;
const TEST_TIMEOUT_MS = 240_000;

const ALL_HAS_COME = /(?:Playing|Heard) to its end/;

describe('the playground in Chromium', { timeout: TEST_TIMEOUT_MS }, () => {
  let halves: Halves;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    if (chromiumPath === null) return;
    [halves, browser] = await Promise.all([startHalves(), launchChromium()]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await halves?.stop();
  });

  beforeEach(async (context) => {
    if (chromiumPath === null) {
      context.skip('no Chromium on this machine; CHROMIUM_PATH names one');
    }
    page = await browser.newPage({ colorScheme: 'light', viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(PATIENCE_MS);
    errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      // an answer that is an error is no fault of the page
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        errors.push(message.text());
      }
    });
    await page.goto(halves.url);
    await page.locator('#voice option').nth(1).waitFor({ state: 'attached' });
  });
  afterEach(async () => {
    await page?.close();
    expect(errors).toEqual([]);
  });

  const status = (): Promise<string> => page.locator('#status').innerText();
  const says = (words: string | RegExp): Promise<void> =>
    page.locator('#status', { hasText: words }).waitFor();
  const fact = async (name: string): Promise<string> =>
    page
      .locator('#facts div')
      .filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
      .locator('dd')
      .innerText();

  async function speak(text: string, format: string): Promise<void> {
    await page.locator('#format').selectOption(format);
    await page.locator('#input').fill(text);
    await page.locator('#speak').click();
  }

  /** What assistive technology would stumble over. */
  async function obstacles(): Promise<string[]> {
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  test('asks nobody but the edge, and runs nothing that stands in the page', async () => {
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    const response = await page.reload();
    await page.locator('#model').waitFor();
    expect([...hosts]).toEqual([new URL(halves.url).host]);
    expect(response?.headers()['content-security-policy']).toContain("default-src 'none'");
    expect(await response?.text()).not.toMatch(/<script(?![^>]* src=)| on[a-z]+="| style="/);
  });

  test('speaks by keyboard alone; the pictures grow while it does', async () => {
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('To the text');
    await page.keyboard.press('Enter');
    await page.locator('#input').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(LONG_TEXT);
    await page.keyboard.press('Control+Enter');
    await says('Speaking.');
    const frames = new Set<string>();
    while ((await status()).startsWith('Speaking.')) {
      frames.add(
        (await page.evaluate("document.getElementById('spectrogram').toDataURL()")) as string,
      );
    }
    expect(frames.size).toBeGreaterThanOrEqual(2);
    await says(ALL_HAS_COME);
    const rows = await page.locator('#waterfall tbody tr').allInnerTexts();
    for (const stage of ['semantic', 'coarse', 'fine', 'codec']) {
      const row = rows.find((text) => text.startsWith(stage)) ?? '';
      const [, ms, steps] = /([\d.]+)\s+(\d+)$/.exec(row) ?? [];
      expect(Number(ms), row).toBeGreaterThan(0);
      expect(Number(steps), row).toBeGreaterThan(0);
    }
    expect(await page.locator('[data-stage=coarse] .bar').count()).toBe(5);
    expect(await page.locator('#waveform').getAttribute('aria-label')).toMatch(/^Waveform: \d/);
    await page.keyboard.press('Escape');
    await says('Stopped.');
    expect(await page.locator('#stop').isDisabled()).toBe(true);
  });

  test('stops the engine when its listener has had enough', async () => {
    const from = halves.backendLog.length;
    // words that nobody has heard: what is kept from before needs no engine
    await speak(`${LONG_TEXT} ${LONG_TEXT}`.replaceAll('dog', 'cat'), 'mp3');
    await says('Speaking.');
    await page.keyboard.press('Escape');
    await says('Stopped.');
    await halves.logged((entry) => JSON.stringify(entry).includes('cancelled'), from);
  });

  test('plays every format to its last sample', async () => {
    for (const format of FORMAT_NAMES) {
      await speak(TEXT, format);
      await says(ALL_HAS_COME).catch(async () => {
        throw new Error(`${format}: ${await page.locator('#alert').innerText()}`);
      });
      const take = await fetch(`${halves.url}/v1/takes/${(await takes())[0]?.id}`);
      const { samples } = (await take.json()) as { samples: number };
      const seconds = Number.parseFloat(await fact('sound'));
      // a codec may add a few frames of silence
      expect(seconds, format).toBeGreaterThan(samples / 24_000 - 0.01);
      expect(seconds, format).toBeLessThan(samples / 24_000 + 0.12);
      await page.keyboard.press('Escape');
    }
  });

  test('begins to sound in every format while most has not come yet', async () => {
    const held = await holdSpeech(halves.url, 0.4);
    try {
      await page.goto(held.url);
      for (const format of FORMAT_NAMES) {
        await speak(`${TEXT} He barks at the moon.`, format);
        await says('Speaking.').catch(() => {
          throw new Error(`${format} waits for more.`);
        });
        held.release();
        await says(ALL_HAS_COME);
        await page.keyboard.press('Escape');
      }
    } finally {
      held.stop();
    }
  });

  const takes = async (): Promise<{ id: string }[]> =>
    JSON.parse((await page.evaluate("localStorage.getItem('bark-edge takes')")) as string) as {
      id: string;
    }[];

  test('has the takes again after a reload, plays them without the engine, and forgets them', async () => {
    await speak(TEXT, 'opus');
    await says('Heard to its end.');
    await page.reload();
    const from = halves.backendLog.length;
    await page.locator('#history button').first().click();
    await says('Heard to its end.');
    expect(await fact('cache')).toBe('HIT');
    expect(await page.locator('#download').getAttribute('download')).toMatch(/\.opus$/);
    const spoken = halves.backendLog.slice(from).filter((entry) => entry['event'] === 'spoken');
    expect(spoken).toEqual([]);
    await page.locator('#clear').click();
    expect(await page.locator('#history li').count()).toBe(0);
  });

  test('pauses and goes on', async () => {
    await speak(LONG_TEXT, 'pcm');
    await says(ALL_HAS_COME);
    await page.locator('#pause').click();
    await says('Paused.');
    expect(await page.locator('#pause').innerText()).toBe('Resume');
    await page.locator('#pause').click();
    await says('Playing on.');
  });

  test('shows the same call in three languages, changed by the arrow keys', async () => {
    await page.locator('#seed').fill('7');
    await page.locator('#voice').selectOption({ index: 1 });
    const voice = await page.locator('#voice').inputValue();
    const call = page.locator('#snippet');
    expect(await call.innerText()).toContain(`"voice":"${voice}","seed":7`);
    await page.locator('#languages input').first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await call.innerText()).toContain("from 'openai'");
    await page.keyboard.press('ArrowRight');
    expect(await call.innerText()).toContain('from openai import OpenAI');
  });

  test('says what is wrong with what was typed', async () => {
    await speak('  ', 'mp3');
    expect(await page.locator('#alert').innerText()).toBe('Type something to say.');
    await page.locator('#seed').fill('many');
    await speak(TEXT, 'mp3');
    expect(await page.locator('#alert').innerText()).toContain('whole number');
  });

  test('asks for a key where the edge wants one, and keeps it in this tab alone', async () => {
    const keys: (string | undefined)[] = [];
    await page.route('**/v1/audio/speech', async (route) => {
      keys.push(route.request().headers()['authorization']);
      await route.fulfill({
        status: 401,
        json: { error: { message: 'An API key is needed.', code: 'unauthorized' } },
      });
    });
    await speak(TEXT, 'mp3');
    await page.locator('#alert', { hasText: 'An API key is needed. Open "API key"' }).waitFor();
    await page.waitForFunction("document.activeElement.id === 'key'");
    await page.keyboard.type('bk_secret');
    await page.locator('#speak').click();
    await page.waitForFunction("sessionStorage.getItem('bark-edge key') === 'bk_secret'");
    expect(await page.locator('#snippet').innerText()).toContain('$BARK_API_KEY');
    expect(await page.locator('#snippet').innerText()).not.toContain('bk_secret');
    await expect.poll(() => keys).toEqual([undefined, 'Bearer bk_secret']);
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('bk_secret');
  });

  test.each(['light', 'dark'] as const)('has no obstacles, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await speak(TEXT, 'pcm');
    await says('Heard to its end.');
    expect(await obstacles()).toEqual([]);
    await page.goto(`${halves.url}/docs`);
    expect(await obstacles()).toEqual([]);
  });

  test('fits a telephone: nothing has to be moved sideways', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const path of ['/', '/docs']) {
      await page.goto(halves.url + path);
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(360);
    }
  });

  // the last: there is no engine afterwards
  test('says what to do when the engine is gone', async () => {
    await halves.stopBackend();
    await speak('A text that nobody has spoken before.', 'mp3');
    await page.locator('#alert', { hasText: 'See that the inference server runs' }).waitFor();
    expect(await status()).toBe('It did not come to its end.');
    expect(await page.locator('#speak').isEnabled()).toBe(true);
  });
});
