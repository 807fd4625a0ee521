import { expect, test } from 'vitest';
import { contentSeed } from './seed.ts';

const EXAMPLE = {
  model: 'bark-toy',
  voice: null,
  options: { semantic: { temperature: 0.7, topK: 50 } },
  latency: 'exact',
} as const;

test('the seed stays what it was, or old requests would sound different', async () => {
  const seed = await contentSeed(EXAMPLE);
  expect(seed).toBe(2303955221984715);
  expect(Number.isSafeInteger(seed)).toBe(true);
});

test('the order of the fields does not matter', async () => {
  const { model, voice, latency } = EXAMPLE;
  const turned = {
    latency,
    options: { semantic: { topK: 50, temperature: 0.7 } },
    voice,
    model,
  } as const;
  expect(await contentSeed(turned)).toBe(await contentSeed(EXAMPLE));
});

test.each([
  ['the model', { model: 'bark' }],
  ['the voice', { voice: 'ab'.repeat(32) }],
  ['an option', { options: { semantic: { temperature: 0.8, topK: 50 } } }],
  ['null for an option left out', { options: { semantic: { temperature: 0.7, topK: null } } }],
  ['the latency', { latency: 'fast' }],
] as const)('%s makes another', async (_, change) => {
  expect(await contentSeed({ ...EXAMPLE, ...change })).not.toBe(await contentSeed(EXAMPLE));
});
