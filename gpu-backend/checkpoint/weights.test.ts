import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { counted, memorySource } from './test-support.ts';
import { readCodecDecoder, readFine, readTransformer } from './weights.ts';

const config = parseConfig({
  semantic_config: stage(true),
  coarse_acoustics_config: stage(false),
  fine_acoustics_config: { ...stage(false), n_codes_total: 4 },
  codec_config: {
    hidden_size: 3,
    codebook_size: 5,
    num_filters: 2,
    upsampling_ratios: [3, 2],
    num_residual_layers: 2,
    use_conv_shortcut: false,
    num_lstm_layers: 1,
  },
});

function stage(bias: boolean) {
  return {
    vocab_size: 6,
    output_vocab_size: 5,
    window_size: 7,
    num_layers: 2,
    num_heads: 2,
    hidden_size: 4,
    bias,
  };
}

/** The tensors of one stage: [name, ...shape]. */
function blocks(prefix: string, bias: boolean, normBias: boolean): [string, ...number[]][] {
  const norm = (name: string): [string, ...number[]][] =>
    normBias
      ? [
          [`${name}.weight`, 4],
          [`${name}.bias`, 4],
        ]
      : [[`${name}.weight`, 4]];
  const linear = (name: string, outputs: number, inputs: number): [string, ...number[]][] =>
    bias
      ? [
          [`${name}.weight`, outputs, inputs],
          [`${name}.bias`, outputs],
        ]
      : [[`${name}.weight`, outputs, inputs]];
  return [0, 1]
    .flatMap((i) => [
      ...norm(`layers.${i}.layernorm_1`),
      ...linear(`layers.${i}.attn.att_proj`, 12, 4),
      ...linear(`layers.${i}.attn.out_proj`, 4, 4),
      ...norm(`layers.${i}.layernorm_2`),
      ...linear(`layers.${i}.mlp.in_proj`, 16, 4),
      ...linear(`layers.${i}.mlp.out_proj`, 4, 16),
    ])
    .concat(norm('layernorm_final'), [['position_embeds_layer.weight', 7, 4]])
    .map(([name, ...shape]) => [`${prefix}.${name}`, ...shape]);
}

function tensorsOf(names: [string, ...number[]][]) {
  return new Map(names.map(([name, ...shape]) => [name, counted(shape)]));
}

const semantic = tensorsOf([
  ...blocks('semantic', true, true),
  ['semantic.input_embeds_layer.weight', 6, 4],
  ['semantic.lm_head.weight', 5, 4],
]);

describe('readTransformer', () => {
  test('reads all of its stage and nothing of the others', async () => {
    const asked: string[] = [];
    const others = tensorsOf([
      ['coarse_acoustics.lm_head.weight', 5, 4],
      ['fine_acoustics.lm_heads.0.weight', 5, 4],
    ]);
    const source = memorySource(new Map([...semantic, ...others]), asked);
    const weights = await readTransformer(source, 'semantic', config.semantic);
    expect(asked.toSorted()).toEqual(Array.from(semantic.keys()).toSorted());
    expect(weights.layers).toHaveLength(2);
    expect(weights.layers[1]?.attProj.weight).toHaveLength(48);
    expect(weights.layers[1]?.attProj.bias).toHaveLength(12);
    expect(weights.head).toHaveLength(20);
  });

  test('a stage without bias has none, and asks for none', async () => {
    const source = memorySource(
      tensorsOf([
        ...blocks('coarse_acoustics', false, false),
        ['coarse_acoustics.input_embeds_layer.weight', 6, 4],
        ['coarse_acoustics.lm_head.weight', 5, 4],
      ]),
    );
    const { layers, lnFinal } = await readTransformer(source, 'coarse_acoustics', config.coarse);
    expect(layers[0]?.ln1.bias).toBeNull();
    expect(layers[0]?.mlpIn.bias).toBeNull();
    expect(lnFinal.bias).toBeNull();
  });

  test('a missing tensor is named', async () => {
    const partly = new Map(semantic);
    partly.delete('semantic.layers.1.mlp.in_proj.bias');
    await expect(
      readTransformer(memorySource(partly), 'semantic', config.semantic),
    ).rejects.toThrow('semantic.layers.1.mlp.in_proj.bias');
  });

  test('a tensor of another shape is refused before it is read', async () => {
    const asked: string[] = [];
    const other = new Map([...semantic, ['semantic.lm_head.weight', counted([6, 4])] as const]);
    await expect(
      readTransformer(memorySource(other, asked), 'semantic', config.semantic),
    ).rejects.toThrow(
      'semantic.lm_head.weight has the shape [6, 4], by config.json it should be [5, 4]',
    );
    expect(asked).not.toContain('semantic.lm_head.weight');
  });
});

describe('readFine', () => {
  const square = { ...config.fine, outputVocabularySize: 6 };
  const common = blocks('fine_acoustics', false, true);
  const embedding = (j: number): [string, ...number[]] => [
    `fine_acoustics.input_embeds_layers.${j}.weight`,
    6,
    4,
  ];
  const head = (k: number): [string, ...number[]] => [`fine_acoustics.lm_heads.${k}.weight`, 6, 4];

  test.each([
    ['the embeddings', [0, 1, 2, 3].map(embedding)],
    ['the heads and the first embedding', [embedding(0), head(0), head(1), head(2)]],
    ['some of both', [embedding(0), head(0), embedding(2), head(2)]],
  ])('tied tables are found where the file holds only %s', async (_, tables) => {
    const fine = await readFine(memorySource(tensorsOf([...common, ...tables])), square);
    expect(fine.inputEmbeddings).toHaveLength(4);
    expect(fine.heads).toHaveLength(3);
    expect(fine.heads.map((table, k) => table === fine.inputEmbeddings[k + 1])).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('heads that are not tied are read for themselves', async () => {
    const tables = tensorsOf([
      ...common,
      ...[0, 1, 2, 3].map(embedding),
      head(0),
      head(1),
      head(2),
    ]);
    const fine = await readFine(memorySource(tables), { ...square, tiedHeads: false });
    expect(fine.heads[0]).not.toBe(fine.inputEmbeddings[1]);
    expect(fine.heads[0]).toEqual(fine.inputEmbeddings[1]);
  });

  test('its layer norms have a bias although the config says no', async () => {
    const tables = tensorsOf([...common, ...[0, 1, 2, 3].map(embedding)]);
    const { layers, lnFinal } = await readFine(memorySource(tables), square);
    expect(layers[0]?.ln1.bias).toHaveLength(4);
    expect(lnFinal.bias).toHaveLength(4);
    expect(layers[0]?.mlpIn.bias).toBeNull();
  });

  test('a table that is nowhere is named', async () => {
    const tables = tensorsOf([...common, embedding(0), embedding(1), head(1)]);
    await expect(readFine(memorySource(tables), square)).rejects.toThrow(
      'fine_acoustics.lm_heads.2.weight',
    );
  });
});

describe('readCodecDecoder', () => {
  const conv = (
    name: string,
    [a, b, k]: [number, number, number],
    outputs = a,
  ): [string, ...number[]][] => [
    [`decoder.layers.${name}.conv.weight`, a, b, k],
    [`decoder.layers.${name}.conv.bias`, outputs],
  ];
  const layers: [string, ...number[]][] = [
    ['quantizer.layers.0.codebook.embed', 5, 3],
    ['quantizer.layers.1.codebook.embed', 5, 3],
    ...conv('0', [8, 3, 7]),
    ['decoder.layers.1.lstm.weight_ih_l0', 32, 8],
    ['decoder.layers.1.lstm.weight_hh_l0', 32, 8],
    ['decoder.layers.1.lstm.bias_ih_l0', 32],
    ['decoder.layers.1.lstm.bias_hh_l0', 32],
    ...conv('3', [8, 4, 6], 4), // 2 is an ELU
    ...conv('4.block.1', [2, 4, 3]),
    ...conv('4.block.3', [4, 2, 1]),
    ...conv('5.block.1', [2, 4, 3]),
    ...conv('5.block.3', [4, 2, 1]),
    ...conv('7', [4, 2, 4], 2),
    ...conv('8.block.1', [1, 2, 3]),
    ...conv('8.block.3', [2, 1, 1]),
    ...conv('9.block.1', [1, 2, 3]),
    ...conv('9.block.3', [2, 1, 1]),
    ...conv('11', [1, 2, 7]),
  ];

  test.each(['', 'codec_model.'])('walks the layers of any config, prefix "%s"', async (prefix) => {
    const tensors = layers.map(([name, ...shape]): [string, ...number[]] => [
      prefix + name,
      ...shape,
    ]);
    const asked: string[] = [];
    const decoder = await readCodecDecoder(
      memorySource(tensorsOf(tensors), asked),
      config.codec,
      2,
    );
    expect(asked.toSorted()).toEqual(tensors.map(([name]) => name).toSorted());
    expect(decoder.codebooks.map((book) => book.length)).toEqual([15, 15]);
    expect(decoder.convIn).toMatchObject({ inputs: 3, outputs: 8, kernel: 7, dilation: 1 });
    expect(decoder.lstm).toHaveLength(1);
    expect(
      decoder.stages.map(({ ratio, up }) => [ratio, up.inputs, up.outputs, up.kernel]),
    ).toEqual([
      [3, 8, 4, 6],
      [2, 4, 2, 4],
    ]);
    expect(decoder.stages[0]?.residual.map(({ conv1 }) => conv1.dilation)).toEqual([1, 2]);
    expect(decoder.stages[0]?.residual[0]?.shortcut).toBeNull();
    expect(decoder.convOut).toMatchObject({ inputs: 2, outputs: 1, kernel: 7 });
  });

  test('a missing convolution is named with its layer', async () => {
    const partly = tensorsOf(
      layers.filter(([name]) => !name.startsWith('decoder.layers.5.block.3')),
    );
    await expect(readCodecDecoder(memorySource(partly), config.codec, 2)).rejects.toThrow(
      'decoder.layers.5.block.3.conv.weight',
    );
  });
});
