/** The weights of EnCodec's encoder and its quantizer, for making codes of a recording. Speaking needs none of them. */
import { CheckpointError } from './checkpoint-error.ts';
import type { CodecConfig } from './codec-config.ts';
import { readConv, readerOf } from './shaped-reader.ts';
import type { TensorSource } from './tensors.ts';
import type { ConvWeights, LstmWeights, ResidualWeights } from './weights.ts';

/** Residual units, ELU, strided convolution. */
export interface DownsamplingWeights {
  readonly residual: readonly ResidualWeights[];
  /** Kernel 2 * ratio, stride ratio. */
  readonly down: ConvWeights;
  /** Stride of `down`: input samples an output sample. */
  readonly ratio: number;
}

/** EnCodec's encoder and quantizer, in the order in which data flows. */
export interface CodecEncoderWeights {
  /** From one channel. */
  readonly convIn: ConvWeights;
  readonly stages: readonly DownsamplingWeights[];
  /** Layers one after another; the block's input is added to the last one's output. */
  readonly lstm: readonly LstmWeights[];
  /** Preceded by an ELU. */
  readonly convOut: ConvWeights;
  /** One a codebook in use: [codebookSize, dimension]. */
  readonly codebooks: readonly Float32Array<ArrayBuffer>[];
}

/**
 * Reads the encoder and the first `codebookCount` codebooks, in a Bark folder or a codec's own (without the
 * prefix `codec_model.`); nothing else is touched. Throws CheckpointError for a checkpoint without an encoder,
 * and for a tensor that is missing or of another shape than `config` says.
 */
export async function readCodecEncoder(
  tensors: TensorSource,
  config: CodecConfig,
  codebookCount: number,
): Promise<CodecEncoderWeights> {
  const { codebookDimension: dimension, upsamplingRatios, filters } = config;
  const prefix = tensors.has('quantizer.layers.0.codebook.embed') ? '' : 'codec_model.';
  if (!tensors.has(`${prefix}encoder.layers.0.conv.bias`)) {
    throw new CheckpointError(
      `${tensors.path} has no ${prefix}encoder.*: it can speak, but not make codes of a recording. Use one that was not cut down, such as suno/bark-small.`,
    );
  }
  const read = readerOf(tensors, prefix);
  const at = (index: number): string => `${prefix}encoder.layers.${index}`;

  let channels = filters;
  const convIn = await readConv(tensors, at(0), [channels, 1, config.kernelSize]);
  let index = 1; // each ELU takes a number too
  const stages: DownsamplingWeights[] = [];
  for (const ratio of upsamplingRatios.toReversed()) {
    const residual: ResidualWeights[] = [];
    for (let unit = 0; unit < config.residualLayers; unit += 1) {
      residual.push(await readResidual(tensors, at(index), config, { channels, unit }));
      index += 1;
    }
    const down = await readConv(tensors, at(index + 1), [2 * channels, channels, 2 * ratio]);
    stages.push({ residual, down, ratio });
    channels *= 2;
    index += 2;
  }
  const lstm: LstmWeights[] = [];
  for (let layer = 0; layer < config.lstmLayers; layer += 1) {
    const part = (name: string, shape: readonly number[]) =>
      read(`encoder.layers.${index}.lstm.${name}_l${layer}`, shape);
    lstm.push({
      weightIh: await part('weight_ih', [4 * channels, channels]),
      weightHh: await part('weight_hh', [4 * channels, channels]),
      biasIh: await part('bias_ih', [4 * channels]),
      biasHh: await part('bias_hh', [4 * channels]),
    });
  }
  const convOut = await readConv(tensors, at(index + 2), [
    dimension,
    channels,
    config.lastKernelSize,
  ]);
  const codebooks: Float32Array<ArrayBuffer>[] = [];
  for (let book = 0; book < codebookCount; book += 1) {
    const name = `quantizer.layers.${book}.codebook.embed`;
    codebooks.push(await read(name, [config.codebookSize, dimension]));
  }
  return { convIn, stages, lstm, convOut, codebooks };
}

async function readResidual(
  tensors: TensorSource,
  layer: string,
  config: CodecConfig,
  { channels, unit }: { channels: number; unit: number },
): Promise<ResidualWeights> {
  const hidden = Math.floor(channels / config.compress);
  const kernel = config.residualKernelSize;
  const dilation = config.dilationGrowthRate ** unit;
  return {
    conv1: await readConv(tensors, `${layer}.block.1`, [hidden, channels, kernel], dilation),
    conv2: await readConv(tensors, `${layer}.block.3`, [channels, hidden, 1]),
    shortcut: config.useConvShortcut
      ? await readConv(tensors, `${layer}.shortcut`, [channels, channels, 1])
      : null,
  };
}
