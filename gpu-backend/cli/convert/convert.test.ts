import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../checkpoint/config.ts';
import { CheckpointError } from '../../checkpoint/checkpoint-error.ts';
import { missingTensor, type TensorSource } from '../../checkpoint/tensors.ts';
import { widen } from '../../checkpoint/widen.ts';
import { storedBytes, toBrainFloats } from './stored-bytes.ts';
import { planTensors } from './tensor-plan.ts';

function sourceOf(tensors: Readonly<Record<string, readonly number[]>>): TensorSource {
  const find = (name: string): readonly number[] => {
    const values = tensors[name];
    if (values === undefined) throw missingTensor(name, 'the test');
    return values;
  };
  return {
    path: 'the test',
    files: [],
    names: () => Object.keys(tensors),
    has: (name) => name in tensors,
    info: (name) => ({ dtype: 'F32', shape: [find(name).length] }),
    read: async (name) => ({ shape: [find(name).length], data: Float32Array.from(find(name)) }),
    readStored: async (name) => ({ dtype: 'F32', data: Float32Array.from(find(name)) }),
    close: async () => {},
  };
}

describe('the plan', () => {
  const names = [
    'semantic.lm_head.weight',
    'fine_acoustics.input_embeds_layers.1.weight',
    'fine_acoustics.lm_heads.0.weight',
    'fine_acoustics.lm_heads.6.weight',
    'codec_model.encoder.layers.0.conv.bias',
    'codec_model.quantizer.layers.7.codebook.embed',
    'codec_model.quantizer.layers.7.codebook.embed_avg',
    'codec_model.quantizer.layers.8.codebook.embed',
  ];
  const tensors = sourceOf(Object.fromEntries(names.map((name) => [name, [1]])));
  const config = parseConfig({ semantic_config: { num_layers: 1 } });
  const plan = (inferenceOnly: boolean) =>
    planTensors(tensors, config, { precision: 'fp16', inferenceOnly, codebooks: 8 });

  test('stores a head that is tied to an embedding once, and one that is alone', () => {
    const kept = plan(false).map(({ name }) => name);
    expect(kept).not.toContain('fine_acoustics.lm_heads.0.weight');
    expect(kept).toContain('fine_acoustics.lm_heads.6.weight');
  });

  test('brings the masks of both causal stages', () => {
    const masks = plan(false).filter(({ content }) => content === 'mask');
    expect(masks).toHaveLength(1 + 12);
    expect(masks[0]).toMatchObject({
      name: 'semantic.layers.0.attn.bias',
      dtype: 'BOOL',
      shape: [1, 1, 1_024, 1_024],
    });
  });

  test('keeps sums over a training set as they are: they do not fit a half', () => {
    const dtypes = Object.fromEntries(plan(false).map(({ name, dtype }) => [name, dtype]));
    expect(dtypes['codec_model.quantizer.layers.7.codebook.embed_avg']).toBe('F32');
    expect(dtypes['codec_model.quantizer.layers.7.codebook.embed']).toBe('F16');
  });

  test('for int8 rounds what the engine rounds, and keeps all else to the bit', () => {
    const matrix = 'fine_acoustics.layers.0.mlp.in_proj.weight';
    const table = 'semantic.input_embeds_layer.weight';
    const others = [
      'fine_acoustics.layers.0.mlp.in_proj.bias',
      'semantic.position_embeds_layer.weight',
      'codec_model.decoder.layers.1.lstm.weight_ih_l0',
    ];
    const all = sourceOf(Object.fromEntries([matrix, table, ...others].map((name) => [name, [1]])));
    const planned = planTensors(all, config, {
      precision: 'int8',
      inferenceOnly: true,
      codebooks: 8,
    });
    expect(planned.map(({ name, dtype }) => [name, dtype])).toEqual([
      [matrix, 'I8'],
      [`${matrix}_scale`, 'F32'],
      [table, 'F16'],
      ...others.map((name) => [name, 'F32']),
    ]);
  });

  test('for inference alone leaves out encoder, unused codebooks, statistics and masks', () => {
    expect(plan(true).map(({ name }) => name)).toEqual([
      'semantic.lm_head.weight',
      'fine_acoustics.input_embeds_layers.1.weight',
      'fine_acoustics.lm_heads.6.weight',
      'codec_model.quantizer.layers.7.codebook.embed',
    ]);
  });
});

describe('brain floats', () => {
  test.each([
    [0, 0],
    [-0, 0x8000],
    [1, 0x3f80],
    [-2.5, 0xc020],
    [1 + 2 ** -8, 0x3f80], // a tie falls to even
    [1 + 3 * 2 ** -8, 0x3f82],
    [1 + 2 ** -8 + 2 ** -20, 0x3f81],
    [3.4e38, 0x7f80],
    [Number.POSITIVE_INFINITY, 0x7f80],
    [Number.NEGATIVE_INFINITY, 0xff80],
  ])('%d has the bits %i', (value, bits) => {
    expect(toBrainFloats(Float32Array.of(value))[0]).toBe(bits);
  });

  test('a NaN stays one, whichever of its bits are set', () => {
    const odd = new Float32Array(Uint32Array.of(0x7f80_0001, 0xffff_ffff).buffer);
    const back = new Float32Array(2);
    widen(new Uint8Array(toBrainFloats(odd).buffer), 'BF16', back);
    expect([...back]).toEqual([Number.NaN, Number.NaN]);
  });

  test('all 65 536 come back as they were', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const floats = new Float32Array(all.length);
    widen(new Uint8Array(all.buffer), 'BF16', floats);
    const back = toBrainFloats(floats);
    const isSame = (bits: number, i: number): boolean =>
      bits === back[i] || Number.isNaN(floats[i]);
    expect(all.every(isSame)).toBe(true);
  });
});

test('a number that no half can hold is refused by name, with what helps', async () => {
  const tensors = sourceOf({ big: [1, 70_000] });
  const content = { of: 'weight', source: 'big' } as const;
  const tensor = { name: 'big', dtype: 'F16', shape: [2], content } as const;
  const read = Array.fromAsync(storedBytes(tensors, tensor));
  await expect(read).rejects.toThrow(CheckpointError);
  await expect(read).rejects.toThrow(/"big" holds 70000.*bf16/);
});
