/**
 * `config.json`: the sizes of the three transformers and of the codec. Absent fields and sub-configs take
 * the defaults of the reference's classes; what this engine can not compute is refused by name.
 */
import { z } from 'zod/mini';
import { CheckpointError } from './checkpoint-error.ts';
import { checkFields, fields, flag, integer, only } from './fields.ts';

/** Bounds of untrusted sizes, so that a damaged file can not ask for absurd memory; bark has 24, 16, 1 024 and 129 600. */
const LAYERS_MAX = 128;
const HEADS_MAX = 256;
const HIDDEN_MAX = 16_384;
const VOCABULARY_MAX = 1_048_576;
const POSITIONS_MAX = 16_384;
/** The same for the codec; the published one has 32 filters, 4 ratios of at most 8, kernels of 7. */
const FILTERS_MAX = 1_024;
const RATIOS_MAX = 6;
const RATIO_MAX = 64;
const KERNEL_MAX = 65;
const REPEATS_MAX = 8;
const DILATION_GROWTH_MAX = 8;

/** Sizes of one transformer. */
export interface TransformerConfig {
  /** Rows of the input embedding (`input_vocab_size`, alias `vocab_size`). */
  readonly inputVocabularySize: number;
  /** Rows of the output head (`output_vocab_size`). */
  readonly outputVocabularySize: number;
  /** Rows of the position table: the longest context (`block_size`, alias `window_size`). */
  readonly blockSize: number;
  /** `num_layers`, alias `num_hidden_layers`. */
  readonly layers: number;
  /** `num_heads`, alias `num_attention_heads`; divides `hiddenSize`. */
  readonly heads: number;
  /** `hidden_size`. */
  readonly hiddenSize: number;
  /** Whether linear layers, and the layer norms of causal models, have a bias (`bias`). Heads never have one. */
  readonly bias: boolean;
}

/** Sizes of the fine transformer; its layer norms have a bias whatever `bias` says. */
export interface FineConfig extends TransformerConfig {
  /** Codebooks, each with an input embedding (`n_codes_total`). */
  readonly codesTotal: number;
  /** Codebook c is predicted by head c - codesGiven (`n_codes_given`; 1, although Bark feeds two codebooks). */
  readonly codesGiven: number;
  /** Whether head k is the input embedding k + 1 (`tie_word_embeddings`). */
  readonly tiedHeads: boolean;
}

/** Sizes of the EnCodec decoder and its codebooks. */
export interface CodecConfig {
  /** Samples a second (`sampling_rate`). */
  readonly sampleRate: number;
  /** Entries of a codebook (`codebook_size`). */
  readonly codebookSize: number;
  /** Length of a codebook entry and of the decoder's input (`codebook_dim`, `hidden_size`: they must be equal). */
  readonly codebookDimension: number;
  /** Channels before the last convolution (`num_filters`). */
  readonly filters: number;
  /** Residual units after each upsampling (`num_residual_layers`). */
  readonly residualLayers: number;
  /** Strides of the transposed convolutions in the decoder's order; kernels are twice as long (`upsampling_ratios`). */
  readonly upsamplingRatios: readonly number[];
  /** Kernel of the decoder's first convolution (`kernel_size`). */
  readonly kernelSize: number;
  /** Kernel of the last convolution (`last_kernel_size`). */
  readonly lastKernelSize: number;
  /** Kernel of the first convolution of a residual unit (`residual_kernel_size`). */
  readonly residualKernelSize: number;
  /** Residual unit j has dilation dilationGrowthRate^j (`dilation_growth_rate`). */
  readonly dilationGrowthRate: number;
  /** A residual unit's inner channels are its channels divided by this, rounded down (`compress`). */
  readonly compress: number;
  /** `num_lstm_layers`. */
  readonly lstmLayers: number;
  /** Whether a residual unit's shortcut is a 1x1 convolution rather than the identity (`use_conv_shortcut`). */
  readonly useConvShortcut: boolean;
  /** Samples of one frame: the product of the ratios. */
  readonly hopLength: number;
}

/** The whole model. */
export interface BarkConfig {
  readonly semantic: TransformerConfig;
  readonly coarse: TransformerConfig;
  readonly fine: FineConfig;
  readonly codec: CodecConfig;
  /** Base name of `_name_or_path`, null where the file tells none. */
  readonly name: string | null;
}

const vocabulary = integer(1, VOCABULARY_MAX);

const transformerFields = {
  block_size: z._default(integer(1, POSITIONS_MAX), 1_024),
  window_size: z.optional(integer(1, POSITIONS_MAX)),
  input_vocab_size: z._default(vocabulary, 10_048),
  vocab_size: z.optional(vocabulary),
  output_vocab_size: z._default(vocabulary, 10_048),
  num_layers: z._default(integer(1, LAYERS_MAX), 12),
  num_hidden_layers: z.optional(integer(1, LAYERS_MAX)),
  num_heads: z._default(integer(1, HEADS_MAX), 12),
  num_attention_heads: z.optional(integer(1, HEADS_MAX)),
  hidden_size: z._default(integer(1, HIDDEN_MAX), 768),
  bias: z._default(flag(), true),
};
const transformerSchema = fields(transformerFields);

const fineSchema = fields({
  ...transformerFields,
  n_codes_total: z._default(integer(2, 32), 8),
  n_codes_given: z._default(integer(1, 31), 1),
  tie_word_embeddings: z._default(flag(), true),
});

const kernel = integer(1, KERNEL_MAX);
const RETRAIN = 'use a codec like the published EnCodec 24 kHz';

const codecSchema = fields({
  model_type: only('encodec', RETRAIN),
  sampling_rate: only(24_000, RETRAIN),
  audio_channels: only(1, RETRAIN),
  normalize: only(false, RETRAIN),
  chunk_length_s: only(null, RETRAIN),
  norm_type: only('weight_norm', RETRAIN),
  use_causal_conv: only(true, RETRAIN),
  pad_mode: only('reflect', RETRAIN),
  hidden_size: z._default(integer(1, HIDDEN_MAX), 128),
  codebook_dim: z._default(z.nullable(integer(1, HIDDEN_MAX)), null),
  codebook_size: z._default(integer(1, 65_536), 1_024),
  num_filters: z._default(integer(1, FILTERS_MAX), 32),
  num_residual_layers: z._default(integer(0, REPEATS_MAX), 1),
  upsampling_ratios: z._default(
    z
      .array(integer(1, RATIO_MAX), 'must be a list of integers')
      .check(
        z.minLength(1, 'must not be empty'),
        z.maxLength(RATIOS_MAX, `must have at most ${RATIOS_MAX} entries`),
      ),
    [8, 5, 4, 2],
  ),
  kernel_size: z._default(kernel, 7),
  last_kernel_size: z._default(kernel, 7),
  residual_kernel_size: z._default(kernel, 3),
  dilation_growth_rate: z._default(integer(1, DILATION_GROWTH_MAX), 2),
  compress: z._default(integer(1, 64), 2),
  num_lstm_layers: z._default(integer(1, REPEATS_MAX), 2),
  trim_right_ratio: only(1, RETRAIN),
  use_conv_shortcut: z._default(flag(), true),
});

const configSchema = fields({
  model_type: only('bark', 'this folder holds another kind of model'),
  _name_or_path: z.optional(z.nullable(z.string('must be a text'))),
  semantic_config: z.nullish(transformerSchema),
  coarse_acoustics_config: z.nullish(transformerSchema),
  fine_acoustics_config: z.nullish(fineSchema),
  codec_config: z.nullish(codecSchema),
});

/** Checks the parsed `config.json`; throws CheckpointError naming `file`, the field and the remedy. */
export function parseConfig(json: unknown, file = 'config.json'): BarkConfig {
  const raw = checkFields(configSchema, json, file);
  const fine = raw.fine_acoustics_config ?? fineSchema.parse({});
  if (fine.n_codes_given >= fine.n_codes_total) {
    throw new CheckpointError(
      `${file}: fine_acoustics_config.n_codes_given is ${fine.n_codes_given}; it must be below n_codes_total, ${fine.n_codes_total}.`,
    );
  }
  const name = raw._name_or_path?.split(/[/\\]/).findLast((part) => part !== '') ?? null;
  return {
    semantic: transformer(raw.semantic_config, 'semantic_config', file),
    coarse: transformer(raw.coarse_acoustics_config, 'coarse_acoustics_config', file),
    fine: {
      ...transformer(fine, 'fine_acoustics_config', file),
      codesTotal: fine.n_codes_total,
      codesGiven: fine.n_codes_given,
      tiedHeads: fine.tie_word_embeddings,
    },
    codec: codec(raw.codec_config ?? codecSchema.parse({}), file),
    name,
  };
}

function transformer(
  given: z.output<typeof transformerSchema> | null | undefined,
  where: string,
  file: string,
): TransformerConfig {
  const raw = given ?? transformerSchema.parse({});
  // where a name and its alias are both given, the reference lets the alias win
  const heads = raw.num_attention_heads ?? raw.num_heads;
  if (raw.hidden_size % heads !== 0) {
    throw new CheckpointError(
      `${file}: ${where}.hidden_size is ${raw.hidden_size}; it must be a multiple of num_heads, ${heads}.`,
    );
  }
  return {
    inputVocabularySize: raw.vocab_size ?? raw.input_vocab_size,
    outputVocabularySize: raw.output_vocab_size,
    blockSize: raw.window_size ?? raw.block_size,
    layers: raw.num_hidden_layers ?? raw.num_layers,
    heads,
    hiddenSize: raw.hidden_size,
    bias: raw.bias,
  };
}

function codec(raw: z.output<typeof codecSchema>, file: string): CodecConfig {
  const codebookDimension = raw.codebook_dim ?? raw.hidden_size;
  if (codebookDimension !== raw.hidden_size) {
    throw new CheckpointError(
      `${file}: codec_config.codebook_dim is ${codebookDimension}; the decoder takes hidden_size, ${raw.hidden_size}, so both must be equal.`,
    );
  }
  // the residual units of the last stage have the fewest channels
  if (raw.num_residual_layers > 0 && raw.compress > raw.num_filters) {
    throw new CheckpointError(
      `${file}: codec_config.compress is ${raw.compress}; it must not exceed num_filters, ${raw.num_filters}.`,
    );
  }
  return {
    sampleRate: 24_000,
    codebookSize: raw.codebook_size,
    codebookDimension,
    filters: raw.num_filters,
    residualLayers: raw.num_residual_layers,
    upsamplingRatios: raw.upsampling_ratios,
    kernelSize: raw.kernel_size,
    lastKernelSize: raw.last_kernel_size,
    residualKernelSize: raw.residual_kernel_size,
    dilationGrowthRate: raw.dilation_growth_rate,
    compress: raw.compress,
    lstmLayers: raw.num_lstm_layers,
    useConvShortcut: raw.use_conv_shortcut,
    hopLength: raw.upsampling_ratios.reduce((product, ratio) => product * ratio, 1),
  };
}
