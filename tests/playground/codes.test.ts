/**
 * The format `codes` as it is listened to: decoded in a real browser, by WASM and by WebGPU, and compared with what the
 * server makes of the same take.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { codesSound } from '#shared/codec/codes-sound.ts';
import { CodesReader } from '#shared/codec/codes-stream.ts';
import { openCheckpoint } from '../../gpu-backend/checkpoint/checkpoint.ts';
import { readCodecDecoder } from '../../gpu-backend/checkpoint/weights.ts';
import { modelFolder } from '../../gpu-backend/config.ts';
import { openCodecModel } from '../../gpu-backend/models/codec-model.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { startHalves, type Halves } from '../support/halves.ts';
import { holdSpeech } from '../support/held-speech.ts';

/** Two sentences, so that there is a silence between them. */
const TWO_SENTENCES =
  'Hello, my dog is cute, and he barks at the moon every night of the year. The moon is far away, and it does not mind the dog, nor anybody else who barks at it.';
const ONE_SENTENCE = 'Hello, my dog is cute.';
const WAY = { seed: 7, latency: 'balanced' };
/** What a sample of 16 bits can not tell apart. */
const HALF_STEP = 0.5 / 32_767;

const PATIENCE_MS = 270_000;
/** A graphics card in software compiles its kernels for each size of a chunk. */
const TEST_TIMEOUT_MS = 300_000;

/** A graphics card in software, which Chromium brings along. */
const SOFTWARE_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** Keeps what the page plays, and what its decoders say. */
const LISTEN = `{
  const { copyToChannel } = AudioBuffer.prototype;
  globalThis.played = [];
  AudioBuffer.prototype.copyToChannel = function (samples, channel) {
    globalThis.played.push(...samples);
    return copyToChannel.call(this, samples, channel);
  };
}`;

let halves: Halves;

async function speech(format: string, input: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`${halves.url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...WAY, input, response_format: format }),
  });
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
}

/** The server's own samples of these codes: its decoder on the processor, fp32. */
async function decodedByServer(bytes: Uint8Array): Promise<Float32Array> {
  const checkpoint = await openCheckpoint(modelFolder(process.env));
  const { codec } = checkpoint.config;
  const weights = await readCodecDecoder(checkpoint.tensors, codec, 8);
  await checkpoint.tensors.close();
  const model = await openCodecModel(weights, { threads: 1 });
  async function* whole() {
    yield bytes;
  }
  const samples: number[] = [];
  for await (const sound of codesSound(whole(), async () => model, new AbortController().signal)) {
    samples.push(...sound.samples);
  }
  await model.release();
  return Float32Array.from(samples);
}

function largestDifference(left: Float32Array, right: Float32Array): number {
  expect(left.length).toBe(right.length);
  expect(left.length).toBeGreaterThan(24_000);
  expect(Math.max(...left.subarray(0, 100_000))).toBeGreaterThan(0.05);
  return left.reduce(
    (most, sample, i) => Math.max(most, Math.abs(sample - (right[i] ?? Number.NaN))),
    0,
  );
}

beforeAll(async () => {
  if (chromiumPath !== null) halves = await startHalves();
}, 180_000);
afterAll(() => halves?.stop());

test.skipIf(chromiumPath === null)(
  'codes are 6 kbit/s of the take that pcm is of',
  async () => {
    const codes = await speech('codes', TWO_SENTENCES);
    const pcm = await speech('pcm', TWO_SENTENCES);
    const seconds = pcm.byteLength / 2 / 24_000;
    expect((8 * codes.byteLength) / seconds).toBeLessThan(6_300);
    const server = await decodedByServer(codes);
    const samples = Float32Array.from(new Int16Array(pcm.buffer), (sample) => sample / 32_767);
    // samples of 16 bits are rounded once by the codec, and once more at soft ends
    expect(largestDifference(server, samples)).toBeLessThan(2.1 * HALF_STEP);
  },
  TEST_TIMEOUT_MS,
);

describe.each([
  ['WASM', [], 1e-5, TWO_SENTENCES],
  // in software its kernels take long
  ['WebGPU', SOFTWARE_GPU, 1e-3, ONE_SENTENCE],
] as const)('codes in Chromium, decoded by %s', (device, args, tolerance, text) => {
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    if (chromiumPath !== null) browser = await launchChromium(args);
  }, 60_000);
  afterAll(() => browser?.close());

  beforeEach(async (context) => {
    if (chromiumPath === null) context.skip('no Chromium on this machine; CHROMIUM_PATH names one');
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
    await page.addInitScript(LISTEN);
    await page.goto(halves.url);
    await page.locator('#voice option').nth(1).waitFor({ state: 'attached' });
    const hasGpu = await page.evaluate(
      "(async () => 'gpu' in navigator && (await navigator.gpu.requestAdapter()) !== null)()",
    );
    if (device === 'WebGPU' && hasGpu !== true) {
      await page.close();
      context.skip('this Chromium has no WebGPU, not even in software');
    }
  });
  afterEach(async () => {
    await page?.close();
    expect(errors).toEqual([]);
  });

  const says = (words: string | RegExp): Promise<void> =>
    page.locator('#status', { hasText: words }).waitFor();
  const fact = (name: string): Promise<string> =>
    page
      .locator('#facts div')
      .filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
      .locator('dd')
      .innerText();

  async function speak(): Promise<void> {
    await page.locator('#format').selectOption('codes');
    await page.locator('#latency').selectOption(WAY.latency);
    await page.locator('#seed').fill(String(WAY.seed));
    await page.locator('#input').fill(text);
    await page.locator('#speak').click();
  }

  test(
    `are the server's samples within ${tolerance}`,
    async ({ annotate }) => {
      await speak();
      await says(/(?:Playing|Heard) to its end/).catch(async () => {
        throw new Error(`${await page.locator('#alert').innerText()} ${errors.join(' ')}`);
      });
      expect(await fact('decoder')).toBe(device);
      const played = Float32Array.from((await page.evaluate('globalThis.played')) as number[]);
      const difference = largestDifference(
        played,
        await decodedByServer(await speech('codes', text)),
      );
      await annotate(`the largest difference of a sample is ${difference.toExponential(2)}`);
      expect(difference).toBeLessThanOrEqual(tolerance);
    },
    TEST_TIMEOUT_MS,
  );

  test.skipIf(device === 'WebGPU')(
    'begin to sound while most has not come yet, and again from what is kept',
    async () => {
      const held = await holdSpeech(halves.url, 0.4);
      try {
        await page.goto(held.url);
        await speak();
        await says('Speaking.');
        held.release();
        await says(/(?:Playing|Heard) to its end/);
        await page.keyboard.press('Escape');
        await page.locator('#history button').first().click();
        await says(/(?:Playing|Heard) to its end/);
        expect(await fact('cache')).toBe('HIT');
        expect(await page.locator('#download').getAttribute('download')).toMatch(/\.codes$/);
        const file = await speech('codes', text);
        expect(new CodesReader().add(file).filter(({ kind }) => kind === 'sentence')).toHaveLength(
          2,
        );
      } finally {
        held.stop();
      }
    },
    TEST_TIMEOUT_MS,
  );

  test.skipIf(device === 'WebGPU')(
    'say what to do where there is no decoder, and sound once there is one',
    async () => {
      await page.route('**/playground/codec-wasm.js', (route) => route.fulfill({ status: 404 }));
      await speak();
      await page.locator('#alert', { hasText: 'Choose another format' }).waitFor();
      await page.unroute('**/playground/codec-wasm.js');
      await page.locator('#speak').click();
      await says(/(?:Playing|Heard) to its end/);
      expect(await page.locator('#alert').isHidden()).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );
});
