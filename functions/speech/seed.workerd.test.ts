import { expect, test } from 'vitest';
import { contentSeed } from './seed.ts';

test('a Worker derives the seed that Node derives', async () => {
  const seed = await contentSeed({
    model: 'bark-toy',
    sentences: [Int32Array.of(1, 2), Int32Array.of(3)],
    voice: null,
    options: { semantic: { temperature: 0.7, topK: 50 } },
    latency: 'exact',
  });
  expect(seed).toBe(1230898391432516);
});
