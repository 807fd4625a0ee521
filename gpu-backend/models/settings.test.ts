import { expect, test } from 'vitest';
import { parseConfig } from '../checkpoint/config.ts';
import { memorySource } from '../checkpoint/test-support.ts';
import { settingsOf } from './settings.ts';

const WEIGHT = { shape: [1, 1], data: new Float32Array(1) };

const checkpointOf = (hiddenSize: number, dtype: 'F32' | 'I8' = 'F32') => {
  const stage = { hidden_size: hiddenSize, num_heads: 4, num_layers: 1 };
  const config = parseConfig({
    semantic_config: stage,
    coarse_acoustics_config: stage,
    fine_acoustics_config: stage,
  });
  const tensors = memorySource(new Map([['semantic.lm_head.weight', WEIGHT]]));
  return { config, tensors: { ...tensors, info: () => ({ dtype, shape: WEIGHT.shape }) } };
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
    checkpointOf(width),
  );
  expect(precision).toBe(held);
});

test.each([
  [{}, 'int8'],
  [{ precision: 'auto' }, 'int8'],
  [{ precision: 'fp32' }, 'fp32'],
  [{ precision: 'int4' }, 'int4'],
  [{ attention: 'plain' }, 'fp32'],
  [{ device: 'wasm' }, 'fp32'],
] as const)(
  'what is stored in eight bits is held so unless %j says otherwise',
  async (asked, held) => {
    const { precision } = await settingsOf({ threads: 1, ...asked }, checkpointOf(64, 'I8'));
    expect(precision).toBe(held);
  },
);
