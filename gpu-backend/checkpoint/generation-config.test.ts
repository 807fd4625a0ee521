import { describe, expect, test } from 'vitest';
import { CheckpointError } from './checkpoint-error.ts';
import { parseGenerationConfig } from './generation-config.ts';

describe('parseGenerationConfig', () => {
  test('without a file speaks as the published models do', () => {
    const config = parseGenerationConfig(undefined);
    expect(config).toMatchObject({ codebookSize: 1_024, sampleRate: 24_000 });
    expect(config.semantic).toEqual({
      doSample: true,
      temperature: 0.7,
      topK: 50,
      topP: 1,
      renormalizeLogits: true,
      maxNewTokens: 768,
      eosTokenId: 10_000,
      semanticPadToken: 10_000,
      semanticVocabularySize: 10_000,
      textEncodingOffset: 10_048,
      textPadToken: 129_595,
      semanticInferToken: 129_599,
      maxInputSemanticLength: 256,
      semanticRateHz: 49.9,
    });
    expect(config.coarse).toEqual({
      doSample: true,
      temperature: 0.7,
      topK: 50,
      topP: 1,
      renormalizeLogits: true,
      coarseSemanticPadToken: 12_048,
      coarseInferToken: 12_050,
      coarseRateHz: 75,
      coarseCodebooks: 2,
      maxCoarseInputLength: 256,
      maxCoarseHistory: 630,
      slidingWindowLength: 60,
    });
    expect(config.fine).toEqual({
      temperature: 0.5,
      maxFineHistoryLength: 512,
      maxFineInputLength: 1_024,
      fineCodebooks: 8,
    });
  });

  test('of a file without the fields takes the defaults of the classes, greedy and temperature 1', () => {
    const { semantic, coarse, fine } = parseGenerationConfig({});
    expect(semantic).toMatchObject({ doSample: false, temperature: 1, topK: 50 });
    expect(coarse).toMatchObject({ doSample: false, temperature: 1 });
    expect(fine.temperature).toBe(1);
  });

  test('pads with the end token whatever semantic_pad_token says, as the reference does', () => {
    const { semantic } = parseGenerationConfig({
      semantic_config: { eos_token_id: 500, semantic_pad_token: 7 },
    });
    expect(semantic).toMatchObject({ eosTokenId: 500, semanticPadToken: 500 });
  });

  test('null and zero switch a filter off', () => {
    const { semantic, fine } = parseGenerationConfig({
      semantic_config: { top_k: 0, top_p: null, temperature: null },
      fine_acoustics_config: { temperature: null },
    });
    expect(semantic).toMatchObject({ topK: null, topP: null, temperature: null });
    expect(fine.temperature).toBeNull();
  });

  test.each([
    [
      'an odd window',
      { coarse_acoustics_config: { sliding_window_len: 15 } },
      'sliding_window_len',
    ],
    [
      'three coarse codebooks',
      { coarse_acoustics_config: { n_coarse_codebooks: 3 } },
      'n_coarse_codebooks',
    ],
    ['four fine codebooks', { fine_acoustics_config: { n_fine_codebooks: 4 } }, 'n_fine_codebooks'],
    ['several end tokens', { semantic_config: { eos_token_id: [1, 2] } }, 'eos_token_id'],
    ['rows filled with speech', { semantic_config: { pad_token_id: 3 } }, 'pad_token_id'],
    ['beams', { semantic_config: { num_beams: 4 } }, 'semantic_config.num_beams'],
    ['repetition penalty', { semantic_config: { repetition_penalty: 1.2 } }, 'repetition_penalty'],
    ['temperature 0', { coarse_acoustics_config: { temperature: 0 } }, 'temperature'],
    ['another rate', { sample_rate: 16_000 }, 'sample_rate'],
    [
      'a pad that is a token',
      { coarse_acoustics_config: { coarse_semantic_pad_token: 5 } },
      'coarse_semantic_pad_token',
    ],
    [
      'a step beyond the window',
      { fine_acoustics_config: { max_fine_input_length: 256 } },
      'max_fine_history_length',
    ],
    ['endless speech', { semantic_config: { max_new_tokens: 1e9 } }, 'max_new_tokens'],
  ])('refuses %s by name', (_, json, named) => {
    expect(() => parseGenerationConfig(json)).toThrow(CheckpointError);
    expect(() => parseGenerationConfig(json)).toThrow(named);
  });
});
