import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BarkConfig, GenerationConfig } from './bark-config.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bark-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a config', () => {
  test('has the defaults of the reference', () => {
    const config = BarkConfig.fromSubModelConfigs();
    expect(config.semantic).toEqual({
      inputVocabularySize: 10_048,
      outputVocabularySize: 10_048,
      blockSize: 1_024,
      layers: 12,
      heads: 12,
      hiddenSize: 768,
      bias: true,
    });
    expect(config.fine).toMatchObject({ codesTotal: 8, codesGiven: 1, tiedHeads: true });
    expect(config.codec).toMatchObject({ sampleRate: 24_000, hopLength: 320, codebookSize: 1_024 });
    expect(BarkConfig.toJson(config)).toMatchObject({
      codec_config: { target_bandwidths: [1.5, 3, 6, 12, 24] },
    });
  });

  test('is put together from parts', () => {
    const config = BarkConfig.fromSubModelConfigs({
      semantic: { hiddenSize: 64, heads: 4, bias: false },
      fine: { tiedHeads: false },
      codec: { upsamplingRatios: [4, 2] },
    });
    expect(config.semantic).toMatchObject({ hiddenSize: 64, heads: 4, bias: false, layers: 12 });
    expect(config.coarse.hiddenSize).toBe(768);
    expect([config.fine.tiedHeads, config.codec.hopLength]).toEqual([false, 8]);
  });

  test('knows aliases', () => {
    const { coarse } = BarkConfig.fromJson({
      coarse_acoustics_config: {
        vocab_size: 9,
        num_hidden_layers: 3,
        num_attention_heads: 2,
        window_size: 77,
        hidden_size: 8,
      },
    });
    expect(coarse).toMatchObject({ inputVocabularySize: 9, layers: 3, heads: 2, blockSize: 77 });
  });

  test('is the same after saving and loading', async () => {
    const config = await BarkConfig.fromPretrained(TINY);
    await BarkConfig.savePretrained(config, join(folder, 'new'), { codebooks: 8 });
    expect(await BarkConfig.fromPretrained(join(folder, 'new'))).toEqual(config);
    expect(await readdir(join(folder, 'new'))).toEqual(['config.json']);
    expect(BarkConfig.toJson(config, { codebooks: 8 })).toMatchObject({
      codec_config: { target_bandwidths: [0.375, 0.75, 1.5, 3, 6] },
    });
  });

  test.each([
    [{ semantic: { heads: 5 } }, 'hidden_size is 768; it must be a multiple of num_heads, 5'],
    [{ fine: { codesGiven: 8 } }, 'n_codes_given is 8'],
    [{ coarse: { layers: 0 } }, 'num_layers'],
    [{ codec: { sampleRate: 48_000 } }, 'sampling_rate is supported only as 24000'],
  ])('is refused by name for %j', (parts, message) => {
    expect(() => BarkConfig.fromSubModelConfigs(parts)).toThrow(message);
  });
});

describe('a generation config', () => {
  test('is the same after saving and loading', async () => {
    const generation = await GenerationConfig.fromPretrained(TINY);
    await GenerationConfig.savePretrained(generation, folder);
    expect(await GenerationConfig.fromPretrained(folder)).toEqual(generation);
  });

  test('keeps what is switched off', () => {
    const { semantic, ...rest } = GenerationConfig.published();
    const off = { ...semantic, topK: null, temperature: null, doSample: false };
    const again = GenerationConfig.fromJson(GenerationConfig.toJson({ ...rest, semantic: off }));
    expect(again.semantic).toEqual(off);
  });

  test('with an odd window is refused', () => {
    expect(() =>
      GenerationConfig.fromJson({ coarse_acoustics_config: { sliding_window_len: 61 } }),
    ).toThrow('must be even');
  });
});

test('a folder that can not be written is named', async () => {
  const config = BarkConfig.fromSubModelConfigs();
  const file = join(TINY, 'config.json');
  await expect(BarkConfig.savePretrained(config, file)).rejects.toThrow('could not be written');
});
