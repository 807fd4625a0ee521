import { expect, test } from 'vitest';
import { parseConfig } from '../checkpoint/config.ts';
import { settingsOf } from './settings.ts';

const sizes = (hiddenSize: number) => {
  const stage = { hidden_size: hiddenSize, num_heads: 4, num_layers: 1 };
  return parseConfig({
    semantic_config: stage,
    coarse_acoustics_config: stage,
    fine_acoustics_config: stage,
  });
};

test.each([
  ['auto', 768, 'int8'],
  ['auto', 256, 'int8'],
  ['auto', 64, 'fp32'],
  ['int4', 64, 'int4'],
  [undefined, 768, 'fp32'],
] as const)('asked for %s, a model of %i channels is held in %s', async (asked, width, held) => {
  const { precision } = await settingsOf(
    { threads: 1, ...(asked && { precision: asked }) },
    sizes(width),
  );
  expect(precision).toBe(held);
});
