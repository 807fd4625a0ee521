import { expect, test } from 'vitest';
import { parseConfig } from '../../gpu-backend/checkpoint/config.ts';
import { parseGenerationConfig } from '../../gpu-backend/checkpoint/generation-config.ts';
import type { LatencyMode } from '../../shared/bark/options.ts';
import { textTokens } from '../../shared/bark/shapes.ts';
import { boundMs, causalWork, codecWork, together, totalBoundMs, workOf } from './work.ts';

const published = {
  config: parseConfig({
    model_type: 'bark',
    semantic_config: { input_vocab_size: 129_600, output_vocab_size: 10_048, bias: false },
    coarse_acoustics_config: { input_vocab_size: 12_096, output_vocab_size: 12_096, bias: false },
    fine_acoustics_config: { input_vocab_size: 1_056, output_vocab_size: 1_056, bias: false },
    codec_config: { model_type: 'encodec' },
  }),
  generation: parseGenerationConfig(undefined),
};
const LIMITS = { bytesPerSecond: 1e10, int8PerSecond: 1e12, fp32PerSecond: 1e11 };

function fiveSeconds(latency: LatencyMode) {
  return workOf(published, {
    text: textTokens(Int32Array.of(1, 2, 3)),
    voice: null,
    options: { semantic: { minNewTokens: 250, maxNewTokens: 250 } },
    latency,
    seed: 1,
    row: 0,
  });
}

test('five seconds of exact speech ask for 250 semantic and 750 coarse calls, six forwards and the codec', async () => {
  const { audioSeconds, first, all } = await fiveSeconds('exact');
  expect(audioSeconds).toBe(5);
  const codec = all.filter(({ matrixOperations }) => matrixOperations === 0);
  expect(all).toHaveLength(250 + 750 + 6 + codec.length);
  // nothing is heard before the fine stage's only window is done
  expect(first).toHaveLength(250 + 750 + 6 + 1);
});

test('fast asks for less work before the first sound and in all', async () => {
  const [exact, fast] = [await fiveSeconds('exact'), await fiveSeconds('fast')];
  const operations = (calls: typeof exact.all): number =>
    calls.reduce((sum, { matrixOperations }) => sum + matrixOperations, 0);
  expect(fast.audioSeconds).toBe(5);
  expect(operations(fast.first)).toBeLessThan(operations(exact.first) / 3);
  expect(operations(fast.all)).toBeLessThan(operations(exact.all));
});

test('a step is bound by what it reads, a prompt by what it computes', () => {
  const { coarse } = published.config;
  const weights = 12 * 12 * 768 ** 2 + 12_096 * 768;
  const step = causalWork(coarse, 512, 1, 1);
  // a cache of eight bits
  expect(step.bytes).toBe(weights + 2 * 12 * 768 * 513);
  expect(causalWork(coarse, 512, 1, 4).bytes).toBe(4 * (weights + 2 * 12 * 768 * 513));
  expect(boundMs(step, LIMITS)).toBeCloseTo((1_000 * step.bytes) / 1e10);
  const prompt = causalWork(coarse, 0, 887);
  expect(boundMs(prompt, LIMITS)).toBeCloseTo(
    1_000 * (prompt.matrixOperations / 1e12 + prompt.floatOperations / 1e11),
  );
});

test('calls that are made together read the weights once', () => {
  const { coarse } = published.config;
  const one = causalWork(coarse, 512, 1);
  const eight = together(one, 8);
  expect(eight.matrixOperations).toBe(8 * one.matrixOperations);
  expect(eight.bytes - one.bytes).toBeCloseTo(7 * (one.bytes - one.weightBytes));
  expect(totalBoundMs([one], LIMITS, 8)).toBeLessThan(8 * totalBoundMs([one], LIMITS));
});

test("EnCodec's decoder needs about three billion operations a second of sound", () => {
  const { floatOperations } = codecWork(published.config.codec, 75);
  expect(floatOperations).toBeGreaterThan(2e9);
  expect(floatOperations).toBeLessThan(4e9);
});
