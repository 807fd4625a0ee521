import { expect, test } from 'vitest';
import { contentSeed } from './seed.ts';

test('a Worker derives the seed that Node derives', async () => {
  const seed = await contentSeed({
    model: 'bark-toy',
    voice: null,
    options: { semantic: { temperature: 0.7, topK: 50 } },
    latency: 'exact',
  });
  expect(seed).toBe(2303955221984715);
});
