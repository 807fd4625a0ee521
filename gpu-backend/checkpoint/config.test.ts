import { describe, expect, test } from 'vitest';
import { CheckpointError } from './checkpoint-error.ts';
import { parseConfig } from './config.ts';

const SMALL_STAGE = {
  block_size: 1024,
  hidden_size: 768,
  num_heads: 12,
  num_layers: 12,
  bias: false,
};

describe('parseConfig', () => {
  test('takes the defaults of the reference for whatever is left out', () => {
    const config = parseConfig({});
    const stage = {
      inputVocabularySize: 10_048,
      outputVocabularySize: 10_048,
      blockSize: 1_024,
      layers: 12,
      heads: 12,
      hiddenSize: 768,
      bias: true,
    };
    expect(config.semantic).toEqual(stage);
    expect(config.coarse).toEqual(stage);
    expect(config.fine).toEqual({ ...stage, codesTotal: 8, codesGiven: 1, tiedHeads: true });
    expect(config.codec).toEqual({
      sampleRate: 24_000,
      codebookSize: 1_024,
      codebookDimension: 128,
      filters: 32,
      residualLayers: 1,
      upsamplingRatios: [8, 5, 4, 2],
      kernelSize: 7,
      lastKernelSize: 7,
      residualKernelSize: 3,
      dilationGrowthRate: 2,
      compress: 2,
      lstmLayers: 2,
      useConvShortcut: true,
      hopLength: 320,
    });
    expect(config.name).toBeNull();
  });

  test('reads what a published model says', () => {
    const config = parseConfig({
      _name_or_path: './bark-small/',
      model_type: 'bark',
      semantic_config: { ...SMALL_STAGE, input_vocab_size: 129_600, output_vocab_size: 10_048 },
      coarse_acoustics_config: {
        ...SMALL_STAGE,
        input_vocab_size: 12_096,
        output_vocab_size: 12_096,
      },
      fine_acoustics_config: { ...SMALL_STAGE, input_vocab_size: 1_056, output_vocab_size: 1_056 },
      codec_config: {
        model_type: 'encodec',
        codebook_dim: 128,
        chunk_length_s: null,
        overlap: null,
      },
    });
    expect(config.semantic).toMatchObject({ inputVocabularySize: 129_600, bias: false });
    expect(config.name).toBe('bark-small');
  });

  test('takes the other names of the same sizes, which win', () => {
    const { semantic } = parseConfig({
      semantic_config: {
        input_vocab_size: 1,
        vocab_size: 50,
        window_size: 64,
        num_hidden_layers: 3,
        num_attention_heads: 4,
        hidden_size: 32,
      },
    });
    expect(semantic).toMatchObject({ inputVocabularySize: 50, blockSize: 64, layers: 3, heads: 4 });
  });

  test.each([
    ['another model', { model_type: 'bert' }, 'model_type'],
    ['a name without end', { _name_or_path: 'x'.repeat(5_000) }, '_name_or_path must have at most'],
    ['group norm', { codec_config: { norm_type: 'time_group_norm' } }, 'codec_config.norm_type'],
    ['stereo', { codec_config: { audio_channels: 2 } }, 'codec_config.audio_channels'],
    ['a codec that looks ahead', { codec_config: { use_causal_conv: false } }, 'use_causal_conv'],
    ['other padding', { codec_config: { pad_mode: 'constant' } }, 'codec_config.pad_mode'],
    ['normalised audio', { codec_config: { normalize: true } }, 'codec_config.normalize'],
    ['chunks', { codec_config: { chunk_length_s: 1 } }, 'codec_config.chunk_length_s'],
    ['another trim', { codec_config: { trim_right_ratio: 0.5 } }, 'trim_right_ratio'],
    ['another rate', { codec_config: { sampling_rate: 48_000 } }, 'codec_config.sampling_rate'],
    ['another codec', { codec_config: { model_type: 'dac' } }, 'codec_config.model_type'],
    ['codebooks of another width', { codec_config: { codebook_dim: 64 } }, 'codebook_dim is 64'],
    ['residual units of no width', { codec_config: { num_filters: 4, compress: 8 } }, 'compress'],
    ['no ratios', { codec_config: { upsampling_ratios: [] } }, 'upsampling_ratios'],
    [
      'heads that do not divide',
      { semantic_config: { hidden_size: 100 } },
      'multiple of num_heads',
    ],
    [
      'a billion layers',
      { coarse_acoustics_config: { num_layers: 1e9 } },
      'coarse_acoustics_config.num_layers',
    ],
    ['an endless table', { semantic_config: { input_vocab_size: 2 ** 40 } }, 'input_vocab_size'],
    ['half a head', { semantic_config: { num_heads: 1.5 } }, 'semantic_config.num_heads'],
    ['text for a number', { fine_acoustics_config: { hidden_size: '16' } }, 'hidden_size'],
    ['more given than there are', { fine_acoustics_config: { n_codes_given: 8 } }, 'n_codes_given'],
    ['a list', [], 'must be an object'],
    ['nothing', null, 'must be an object'],
  ])('refuses %s by name', (_, json, named) => {
    expect(() => parseConfig(json)).toThrow(CheckpointError);
    expect(() => parseConfig(json)).toThrow(/^config\.json: /);
    expect(() => parseConfig(json)).toThrow(named);
  });

  test('reports all faults at once', () => {
    const json = { codec_config: { pad_mode: 'zero' }, semantic_config: { bias: 'no' } };
    expect(() => parseConfig(json)).toThrow(/semantic_config\.bias .*codec_config\.pad_mode /);
  });
});
