import { describe, expect, test } from 'vitest';
import { memorySource } from './test-support.ts';
import { foldWeightNorm, readNormedWeight } from './weight-norm.ts';

const v = (): Float32Array<ArrayBuffer> => Float32Array.of(3, 0, 4, 0, 0, 0, 0, -2);
const folded = Float32Array.of(6, 0, 8, 0, 0, 0, 0, -1); // lengths 5 and 2 become 10 and 1

describe('weight norm', () => {
  test('gives every first index the length that g says', () => {
    expect(foldWeightNorm(v(), Float32Array.of(10, 1))).toEqual(folded);
  });

  test.each([
    ['weight_g', 'weight_v'],
    ['parametrizations.weight.original0', 'parametrizations.weight.original1'],
  ])('is read as %s and %s', async (g, direction) => {
    const source = memorySource(
      new Map([
        [`conv.${g}`, { shape: [2, 1, 1], data: Float32Array.of(10, 1) }],
        [`conv.${direction}`, { shape: [2, 2, 2], data: v() }],
      ]),
    );
    expect(await readNormedWeight(source, 'conv')).toEqual({ shape: [2, 2, 2], data: folded });
  });

  test('a plain weight is taken as it is', async () => {
    const source = memorySource(new Map([['conv.weight', { shape: [8], data: v() }]]));
    expect((await readNormedWeight(source, 'conv')).data).toEqual(v());
  });

  test('lengths for other rows are refused', async () => {
    const source = memorySource(
      new Map([
        ['conv.weight_g', { shape: [3], data: Float32Array.of(1, 1, 1) }],
        ['conv.weight_v', { shape: [2, 4], data: v() }],
      ]),
    );
    await expect(readNormedWeight(source, 'conv')).rejects.toThrow(
      '3 lengths for the 2 directions',
    );
  });
});
