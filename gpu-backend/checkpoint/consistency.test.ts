import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { checkConsistency } from './consistency.ts';
import { parseGenerationConfig } from './generation-config.ts';

const published = {
  semantic_config: { input_vocab_size: 129_600 },
  coarse_acoustics_config: { input_vocab_size: 12_096, output_vocab_size: 12_096 },
  fine_acoustics_config: { input_vocab_size: 1_056, output_vocab_size: 1_056 },
};

describe('checkConsistency', () => {
  test('accepts the published sizes', () => {
    checkConsistency(parseConfig(published), parseGenerationConfig(undefined));
  });

  test.each([
    ['text beyond the table', { semantic_config: {} }, {}, 'text_pad_token'],
    [
      'coarse codes beyond the table',
      { coarse_acoustics_config: {} },
      {},
      'coarse_semantic_pad_token',
    ],
    [
      'speech beyond the context',
      { semantic_config: { input_vocab_size: 129_600, block_size: 512 } },
      {},
      'max_new_tokens',
    ],
    ['one token too many', {}, { semantic_config: { max_new_tokens: 769 } }, 'max_new_tokens'],
    [
      'a longer coarse history',
      {},
      { coarse_acoustics_config: { max_coarse_history: 800 } },
      'sliding_window_len',
    ],
    [
      'fine windows beyond the context',
      { fine_acoustics_config: { block_size: 512 } },
      {},
      'max_fine_input_length',
    ],
    ['larger codebooks', {}, { codebook_size: 2_048 }, 'last coarse code'],
    ['codebooks that are too small', { codec_config: { codebook_size: 512 } }, {}, 'codebook_size'],
  ])('refuses %s', (_, config, generation, named) => {
    const both = [
      parseConfig({ ...published, ...config }),
      parseGenerationConfig(generation),
    ] as const;
    expect(() => checkConsistency(...both)).toThrow(named);
  });
});
