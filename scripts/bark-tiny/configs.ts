/** The JSON files of the tiny model, with the keys of the published ones. */
import {
  CODEBOOKS,
  CODEBOOK_SIZE,
  COARSE_IDS,
  MAX_NEW_TOKENS,
  POSITIONS,
  RATIOS,
  SEMANTIC_TOKENS,
  TEXT_OFFSET,
  type Vocabularies,
} from './sizes.ts';

/** `config.json`: one stage without bias, two with. */
export function modelConfig({ semanticIds, coarseIds, fineIds }: Vocabularies) {
  return {
    architectures: ['BarkModel'],
    model_type: 'bark',
    initializer_range: 0.02,
    torch_dtype: 'float32',
    semantic_config: transformerConfig('semantic', 32, semanticIds, TEXT_OFFSET, false),
    coarse_acoustics_config: transformerConfig('coarse_acoustics', 16, coarseIds, coarseIds, true),
    fine_acoustics_config: {
      ...transformerConfig('fine_acoustics', 16, fineIds, fineIds, true),
      n_codes_total: CODEBOOKS,
      n_codes_given: 1,
      tie_word_embeddings: true,
    },
    codec_config: {
      model_type: 'encodec',
      sampling_rate: 24_000,
      audio_channels: 1,
      hidden_size: 16,
      codebook_dim: 16,
      codebook_size: CODEBOOK_SIZE,
      num_filters: 4,
      upsampling_ratios: RATIOS,
      target_bandwidths: [6], // makes 8 quantizers
    },
  };
}

function transformerConfig(
  modelType: string,
  hidden: number,
  inputs: number,
  outputs: number,
  bias: boolean,
) {
  return {
    model_type: modelType,
    input_vocab_size: inputs,
    output_vocab_size: outputs,
    block_size: POSITIONS,
    num_layers: 2,
    num_heads: 2,
    hidden_size: hidden,
    bias,
    dropout: 0,
    use_cache: true,
    initializer_range: 0.02,
  };
}

/** `generation_config.json`. */
export function generationConfig({ textPad }: Vocabularies) {
  const sampled = {
    do_sample: true,
    temperature: 0.7,
    top_k: 50,
    top_p: 1,
    renormalize_logits: true,
  };
  return {
    model_type: 'bark',
    codebook_size: CODEBOOK_SIZE,
    sample_rate: 24_000,
    semantic_config: {
      ...sampled,
      max_new_tokens: MAX_NEW_TOKENS,
      eos_token_id: SEMANTIC_TOKENS,
      pad_token_id: null,
      semantic_vocab_size: SEMANTIC_TOKENS,
      semantic_pad_token: SEMANTIC_TOKENS,
      text_encoding_offset: TEXT_OFFSET,
      text_pad_token: textPad,
      semantic_infer_token: textPad + 4,
      max_input_semantic_length: 256,
      semantic_rate_hz: 49.9,
    },
    coarse_acoustics_config: {
      ...sampled,
      coarse_semantic_pad_token: COARSE_IDS,
      coarse_infer_token: COARSE_IDS + 2,
      coarse_rate_hz: 75,
      n_coarse_codebooks: 2,
      max_coarse_input_length: 256,
      max_coarse_history: 630,
      sliding_window_len: 60,
    },
    fine_acoustics_config: {
      temperature: 0.5,
      max_fine_history_length: 512,
      max_fine_input_length: 1_024,
      n_fine_codebooks: CODEBOOKS,
    },
  };
}

/** `special_tokens_map.json`. */
export const SPECIAL_TOKENS = {
  cls_token: '[CLS]',
  mask_token: '[MASK]',
  pad_token: '[PAD]',
  sep_token: '[SEP]',
  unk_token: '[UNK]',
};

/** `tokenizer_config.json`. */
export const TOKENIZER_CONFIG = {
  ...SPECIAL_TOKENS,
  clean_up_tokenization_spaces: true,
  do_lower_case: false,
  model_max_length: 512,
  processor_class: 'BarkProcessor',
  strip_accents: null,
  tokenize_chinese_chars: true,
  tokenizer_class: 'BertTokenizer',
};
