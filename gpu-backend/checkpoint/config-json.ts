/**
 * Configs back to the JSON that the reference loads: every field that has a meaning here under the reference's
 * name, those that have none at the value that they are supported with.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CheckpointError } from './checkpoint-error.ts';
import type { CodecConfig } from './codec-config.ts';
import type { BarkConfig, FineConfig, TransformerConfig } from './config.ts';
import type { GenerationConfig, SamplingGeneration } from './generation-config.ts';

/** An object of a JSON file. */
export type JsonObject = { readonly [name: string]: unknown };

/** Codebooks of the published codec, of which Bark uses the first eight. */
const PUBLISHED_CODEBOOKS = 32;

/**
 * `config.json`. `codebooks` is how many the codec has in the weights beside it, 32 as published unless told: the
 * reference takes their number from the largest bandwidth.
 */
export function configToJson(
  { semantic, coarse, fine, codec, name }: BarkConfig,
  { codebooks = PUBLISHED_CODEBOOKS }: { readonly codebooks?: number } = {},
): JsonObject {
  return {
    architectures: ['BarkModel'],
    model_type: 'bark',
    ...(name === null ? {} : { _name_or_path: name }),
    initializer_range: 0.02,
    torch_dtype: 'float32',
    semantic_config: { model_type: 'semantic', ...transformerJson(semantic) },
    coarse_acoustics_config: { model_type: 'coarse_acoustics', ...transformerJson(coarse) },
    fine_acoustics_config: { model_type: 'fine_acoustics', ...fineJson(fine) },
    codec_config: codecJson(codec, codebooks),
  };
}

/** `generation_config.json`. */
export function generationConfigToJson({
  codebookSize,
  sampleRate,
  semantic,
  coarse,
  fine,
}: GenerationConfig): JsonObject {
  return {
    model_type: 'bark',
    codebook_size: codebookSize,
    sample_rate: sampleRate,
    semantic_config: {
      model_type: 'semantic',
      ...samplingJson(semantic),
      max_new_tokens: semantic.maxNewTokens,
      eos_token_id: semantic.eosTokenId,
      semantic_pad_token: semantic.semanticPadToken,
      semantic_vocab_size: semantic.semanticVocabularySize,
      text_encoding_offset: semantic.textEncodingOffset,
      text_pad_token: semantic.textPadToken,
      semantic_infer_token: semantic.semanticInferToken,
      max_input_semantic_length: semantic.maxInputSemanticLength,
      semantic_rate_hz: semantic.semanticRateHz,
    },
    coarse_acoustics_config: {
      model_type: 'coarse_acoustics',
      ...samplingJson(coarse),
      coarse_semantic_pad_token: coarse.coarseSemanticPadToken,
      coarse_infer_token: coarse.coarseInferToken,
      coarse_rate_hz: coarse.coarseRateHz,
      n_coarse_codebooks: coarse.coarseCodebooks,
      max_coarse_input_length: coarse.maxCoarseInputLength,
      max_coarse_history: coarse.maxCoarseHistory,
      sliding_window_len: coarse.slidingWindowLength,
    },
    fine_acoustics_config: {
      model_type: 'fine_acoustics',
      temperature: fine.temperature,
      max_fine_history_length: fine.maxFineHistoryLength,
      max_fine_input_length: fine.maxFineInputLength,
      n_fine_codebooks: fine.fineCodebooks,
    },
  };
}

/** Writes an object into `folder`, which is made; a file of that name is replaced whole or not at all. */
export async function writeJson(folder: string, file: string, value: JsonObject): Promise<void> {
  const path = join(folder, file);
  const partial = `${path}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(partial, `${JSON.stringify(value, null, 2)}\n`);
    await rename(partial, path);
  } catch (error) {
    throw new CheckpointError(
      `${path} could not be written; check the folder's permissions.`,
      error,
    );
  }
}

function transformerJson(config: TransformerConfig): JsonObject {
  return {
    input_vocab_size: config.inputVocabularySize,
    output_vocab_size: config.outputVocabularySize,
    block_size: config.blockSize,
    num_layers: config.layers,
    num_heads: config.heads,
    hidden_size: config.hiddenSize,
    bias: config.bias,
    dropout: 0,
    initializer_range: 0.02,
    use_cache: true,
  };
}

function fineJson(config: FineConfig): JsonObject {
  return {
    ...transformerJson(config),
    n_codes_total: config.codesTotal,
    n_codes_given: config.codesGiven,
    tie_word_embeddings: config.tiedHeads,
  };
}

function codecJson(config: CodecConfig, codebooks: number): JsonObject {
  const bitsAFrame = codebooks * Math.ceil(Math.log2(config.codebookSize));
  const frameRate = Math.ceil(config.sampleRate / config.hopLength);
  return {
    model_type: 'encodec',
    sampling_rate: config.sampleRate,
    audio_channels: 1,
    normalize: false,
    chunk_length_s: null,
    overlap: null,
    hidden_size: config.codebookDimension,
    codebook_dim: config.codebookDimension,
    codebook_size: config.codebookSize,
    num_filters: config.filters,
    num_residual_layers: config.residualLayers,
    upsampling_ratios: config.upsamplingRatios,
    norm_type: 'weight_norm',
    kernel_size: config.kernelSize,
    last_kernel_size: config.lastKernelSize,
    residual_kernel_size: config.residualKernelSize,
    dilation_growth_rate: config.dilationGrowthRate,
    use_causal_conv: true,
    pad_mode: 'reflect',
    compress: config.compress,
    num_lstm_layers: config.lstmLayers,
    trim_right_ratio: 1,
    use_conv_shortcut: config.useConvShortcut,
    target_bandwidths: [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1].map(
      (part) => (part * bitsAFrame * frameRate) / 1_000,
    ),
  };
}

function samplingJson(config: SamplingGeneration): JsonObject {
  return {
    do_sample: config.doSample,
    temperature: config.temperature,
    // the reference reads 0 as "keep all", and null as its own 50
    top_k: config.topK ?? 0,
    top_p: config.topP ?? 1,
    renormalize_logits: config.renormalizeLogits,
  };
}
