/** `codec_config` of `config.json`: the sizes of EnCodec's decoder, and what of it is supported. */
import { z } from 'zod/mini';
import { CheckpointError } from './checkpoint-error.ts';
import { fields, flag, integer, only } from './fields.ts';

/** Bounds of untrusted sizes; the published codec has 32 filters, 4 ratios of at most 8, kernels of 7. */
const DIMENSION_MAX = 16_384;
const FILTERS_MAX = 1_024;
const RATIOS_MAX = 6;
const RATIO_MAX = 64;
const KERNEL_MAX = 65;
const REPEATS_MAX = 8;
const DILATION_GROWTH_MAX = 8;

/** Sizes of EnCodec and its codebooks (reference: sections 1.2 and 6.2). */
export interface CodecConfig {
  /** Samples a second, 24 000 (`sampling_rate`). */
  readonly sampleRate: number;
  /** Entries of a codebook, 1..65 536 (`codebook_size`). */
  readonly codebookSize: number;
  /** Numbers of a codebook entry and of the decoder's input, 1..16 384 (`codebook_dim`, `hidden_size`: they must be equal). */
  readonly codebookDimension: number;
  /** Channels before the last convolution, 1..1 024 (`num_filters`). */
  readonly filters: number;
  /** Residual units after each upsampling, 0..8 (`num_residual_layers`). */
  readonly residualLayers: number;
  /** Strides of the transposed convolutions in the decoder's order, 1 to 6 of 1..64; kernels are twice as long (`upsampling_ratios`). */
  readonly upsamplingRatios: readonly number[];
  /** Kernel of the decoder's first convolution, 1..65 (`kernel_size`). */
  readonly kernelSize: number;
  /** Kernel of the last convolution, 1..65 (`last_kernel_size`). */
  readonly lastKernelSize: number;
  /** Kernel of the first convolution of a residual unit, 1..65 (`residual_kernel_size`). */
  readonly residualKernelSize: number;
  /** Residual unit j has dilation dilationGrowthRate^j, 1..8 (`dilation_growth_rate`). */
  readonly dilationGrowthRate: number;
  /** A residual unit's inner channels are its channels divided by this, 1..64, rounded down (`compress`). */
  readonly compress: number;
  /** Layers of the LSTM, 1..8 (`num_lstm_layers`). */
  readonly lstmLayers: number;
  /** Whether a residual unit's shortcut is a 1x1 convolution rather than the identity (`use_conv_shortcut`). */
  readonly useConvShortcut: boolean;
  /** Samples of one frame: the product of the ratios. */
  readonly hopLength: number;
}

const kernel = integer(1, KERNEL_MAX);
const RETRAIN = 'use a codec like the published EnCodec 24 kHz';

/** The fields, with the defaults of the reference's class. */
export const codecSchema = fields({
  model_type: only('encodec', RETRAIN),
  sampling_rate: only(24_000, RETRAIN),
  audio_channels: only(1, RETRAIN),
  normalize: only(false, RETRAIN),
  chunk_length_s: only(null, RETRAIN),
  norm_type: only('weight_norm', RETRAIN),
  use_causal_conv: only(true, RETRAIN),
  pad_mode: only('reflect', RETRAIN),
  hidden_size: z._default(integer(1, DIMENSION_MAX), 128),
  codebook_dim: z._default(z.nullable(integer(1, DIMENSION_MAX)), null),
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

/** The sizes that the fields mean; throws CheckpointError naming `file` if they contradict each other. */
export function codecConfig(raw: z.output<typeof codecSchema>, file: string): CodecConfig {
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
