/**
 * The weights of all stages by meaning instead of by name. Reading one stage touches none of
 * the others. Linear weights are [out, in], as the checkpoint has them.
 */
import type { CodecConfig } from './codec-config.ts';
import type { FineConfig, TransformerConfig } from './config.ts';
import {
  readConv,
  readLayers,
  readNorm,
  readerOf,
  readTransposed,
  storedReaderOf,
} from './shaped-reader.ts';
import type { StoredTensor, TensorSource } from './tensors.ts';
import { widenStored } from './widen-stored.ts';

type Floats = Float32Array<ArrayBuffer>;

/**
 * What is made of a stage's large tensors as each is read, so that a smaller form of them is all that is ever whole
 * in memory.
 */
export interface WeightForms<Matrix, Table> {
  /** Of a weight matrix [out, in]. */
  readonly matrix: (weight: StoredTensor, outputs: number, inputs: number) => Matrix;
  /** Of an embedding [rows, width]. */
  readonly table: (embedding: StoredTensor, width: number) => Table;
}

/** All as floats. */
const WIDENED: WeightForms<Floats, Floats> = { matrix: widenStored, table: widenStored };

export interface LinearWeights<Matrix = Floats> {
  /** [out, in]. */
  readonly weight: Matrix;
  /** [out]; null means zeros. */
  readonly bias: Float32Array<ArrayBuffer> | null;
}

export interface NormWeights {
  /** [h]. */
  readonly weight: Float32Array<ArrayBuffer>;
  /** [h]; null means zeros. */
  readonly bias: Float32Array<ArrayBuffer> | null;
}

/** One layer of a transformer. */
export interface BlockWeights<Matrix = Floats> {
  readonly ln1: NormWeights;
  /** [3h, h]: rows of all queries, then keys, then values; within each, head after head. */
  readonly attProj: LinearWeights<Matrix>;
  /** [h, h]. */
  readonly outProj: LinearWeights<Matrix>;
  readonly ln2: NormWeights;
  /** [4h, h]. */
  readonly mlpIn: LinearWeights<Matrix>;
  /** [h, 4h]. */
  readonly mlpOut: LinearWeights<Matrix>;
}

/** The semantic or the coarse stage. */
export interface CausalWeights<Matrix = Floats, Table = Floats> {
  /** [V_in, h]. */
  readonly inputEmbedding: Table;
  /** [block, h], added to the embedding by absolute position. */
  readonly positions: Floats;
  readonly layers: readonly BlockWeights<Matrix>[];
  readonly lnFinal: NormWeights;
  /** [V_out, h], without bias and not tied to the input embedding. */
  readonly head: Matrix;
}

/** The fine stage. */
export interface FineWeights<Matrix = Floats, Table = Floats> {
  /** One a codebook, codesTotal of them: [V_in, h]. */
  readonly inputEmbeddings: readonly Table[];
  /** [block, h]. */
  readonly positions: Floats;
  readonly layers: readonly BlockWeights<Matrix>[];
  readonly lnFinal: NormWeights;
  /** codesTotal - codesGiven of [V_out, h]; where tied, head k is the very inputEmbeddings[k + 1]. */
  readonly heads: readonly Table[];
}

/** A convolution over time. */
export interface ConvWeights {
  /** [outputs, inputs, kernel]; of a transposed one [inputs, outputs, kernel]. Weight norm is folded in. */
  readonly weight: Float32Array<ArrayBuffer>;
  /** [outputs]. */
  readonly bias: Float32Array<ArrayBuffer>;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly dilation: number;
}

/** One LSTM layer of size n; gates in torch's order input, forget, cell, output. */
export interface LstmWeights {
  /** [4n, n]. */
  readonly weightIh: Float32Array<ArrayBuffer>;
  /** [4n, n]. */
  readonly weightHh: Float32Array<ArrayBuffer>;
  /** [4n]. */
  readonly biasIh: Float32Array<ArrayBuffer>;
  /** [4n]. */
  readonly biasHh: Float32Array<ArrayBuffer>;
}

/** shortcut(x) + conv2(ELU(conv1(ELU(x)))). */
export interface ResidualWeights {
  readonly conv1: ConvWeights;
  readonly conv2: ConvWeights;
  /** Null is the identity. */
  readonly shortcut: ConvWeights | null;
}

/** ELU, transposed convolution, residual units. */
export interface UpsamplingWeights {
  /** Kernel 2 * ratio; the surplus is cut on the right. */
  readonly up: ConvWeights;
  /** Stride of `up`: output samples an input sample. */
  readonly ratio: number;
  readonly residual: readonly ResidualWeights[];
}

/** EnCodec's quantizer and decoder, in the order in which data flows. */
export interface CodecDecoderWeights {
  /** One a codebook in use: [codebookSize, dimension]. */
  readonly codebooks: readonly Float32Array<ArrayBuffer>[];
  readonly convIn: ConvWeights;
  /** Layers one after another; the block's input is added to the last one's output. */
  readonly lstm: readonly LstmWeights[];
  readonly stages: readonly UpsamplingWeights[];
  /** To one channel; preceded by an ELU. */
  readonly convOut: ConvWeights;
}

/** Reads one causal stage; throws CheckpointError for a tensor that is missing or of another shape than `config` says. */
export function readTransformer(
  tensors: TensorSource,
  stage: 'semantic' | 'coarse_acoustics',
  config: TransformerConfig,
): Promise<CausalWeights>;
export function readTransformer<Matrix, Table>(
  tensors: TensorSource,
  stage: 'semantic' | 'coarse_acoustics',
  config: TransformerConfig,
  forms: WeightForms<Matrix, Table>,
): Promise<CausalWeights<Matrix, Table>>;
export async function readTransformer(
  tensors: TensorSource,
  stage: 'semantic' | 'coarse_acoustics',
  config: TransformerConfig,
  forms: WeightForms<unknown, unknown> = WIDENED,
): Promise<CausalWeights<unknown, unknown>> {
  const { inputVocabularySize, outputVocabularySize, blockSize, hiddenSize: h, bias } = config;
  const prefix = `${stage}.`;
  const read = readerOf(tensors, prefix);
  const readStored = storedReaderOf(tensors, prefix);
  return {
    inputEmbedding: forms.table(
      await readStored('input_embeds_layer.weight', [inputVocabularySize, h]),
      h,
    ),
    positions: await read('position_embeds_layer.weight', [blockSize, h]),
    layers: await readLayers(tensors, prefix, config, bias, forms),
    lnFinal: await readNorm(read, 'layernorm_final', h, bias),
    head: forms.matrix(
      await readStored('lm_head.weight', [outputVocabularySize, h]),
      outputVocabularySize,
      h,
    ),
  };
}

/** Reads the fine stage; of a head and its tied embedding one name suffices. Throws as `readTransformer` does. */
export function readFine(tensors: TensorSource, config: FineConfig): Promise<FineWeights>;
export function readFine<Matrix, Table>(
  tensors: TensorSource,
  config: FineConfig,
  forms: WeightForms<Matrix, Table>,
): Promise<FineWeights<Matrix, Table>>;
export async function readFine(
  tensors: TensorSource,
  config: FineConfig,
  forms: WeightForms<unknown, unknown> = WIDENED,
): Promise<FineWeights<unknown, unknown>> {
  const { inputVocabularySize, outputVocabularySize, blockSize, hiddenSize: h } = config;
  const prefix = 'fine_acoustics.';
  const read = readerOf(tensors, prefix);
  const readStored = storedReaderOf(tensors, prefix);
  const headCount = config.codesTotal - config.codesGiven;

  const inputEmbeddings: unknown[] = [];
  for (let book = 0; book < config.codesTotal; book += 1) {
    const tied = config.tiedHeads && book >= 1 && !tensors.has(prefix + embeddingName(book));
    // the reference ties head k to embedding k + 1, and a file may hold only one of the two
    const name = tied && book <= headCount ? headName(book - 1) : embeddingName(book);
    inputEmbeddings.push(forms.table(await readStored(name, [inputVocabularySize, h]), h));
  }
  const heads: unknown[] = [];
  for (let index = 0; index < headCount; index += 1) {
    heads.push(
      config.tiedHeads
        ? inputEmbeddings[index + 1]
        : forms.table(await readStored(headName(index), [outputVocabularySize, h]), h),
    );
  }
  return {
    inputEmbeddings,
    positions: await read('position_embeds_layer.weight', [blockSize, h]),
    layers: await readLayers(tensors, prefix, config, true, forms),
    lnFinal: await readNorm(read, 'layernorm_final', h, true),
    heads,
  };
}

/**
 * Reads the first `codebookCount` codebooks and the decoder, in a Bark folder or a codec's own (without
 * the prefix `codec_model.`). Throws as `readTransformer` does.
 */
export async function readCodecDecoder(
  tensors: TensorSource,
  config: CodecConfig,
  codebookCount: number,
): Promise<CodecDecoderWeights> {
  const { codebookDimension: dimension, upsamplingRatios, filters } = config;
  const prefix = tensors.has('quantizer.layers.0.codebook.embed') ? '' : 'codec_model.';
  const read = readerOf(tensors, prefix);
  const codebooks: Float32Array<ArrayBuffer>[] = [];
  for (let book = 0; book < codebookCount; book += 1) {
    const name = `quantizer.layers.${book}.codebook.embed`;
    codebooks.push(await read(name, [config.codebookSize, dimension]));
  }
  let channels = filters * 2 ** upsamplingRatios.length;
  const at = (index: number): string => `${prefix}decoder.layers.${index}`;
  const convIn = await readConv(tensors, at(0), [channels, dimension, config.kernelSize]);
  const lstm: LstmWeights[] = [];
  for (let layer = 0; layer < config.lstmLayers; layer += 1) {
    const part = (name: string, shape: readonly number[]) =>
      read(`decoder.layers.1.lstm.${name}_l${layer}`, shape);
    lstm.push({
      weightIh: await part('weight_ih', [4 * channels, channels]),
      weightHh: await part('weight_hh', [4 * channels, channels]),
      biasIh: await part('bias_ih', [4 * channels]),
      biasHh: await part('bias_hh', [4 * channels]),
    });
  }
  let index = 2; // each ELU takes a number too
  const stages: UpsamplingWeights[] = [];
  for (const ratio of upsamplingRatios) {
    const narrower = channels / 2;
    const up = await readTransposed(tensors, at(index + 1), [channels, narrower, 2 * ratio]);
    index += 2;
    channels = narrower;
    const residual: ResidualWeights[] = [];
    for (let unit = 0; unit < config.residualLayers; unit += 1) {
      const hidden = Math.floor(channels / config.compress);
      const kernel = config.residualKernelSize;
      const dilation = config.dilationGrowthRate ** unit;
      residual.push({
        conv1: await readConv(
          tensors,
          `${at(index)}.block.1`,
          [hidden, channels, kernel],
          dilation,
        ),
        conv2: await readConv(tensors, `${at(index)}.block.3`, [channels, hidden, 1]),
        shortcut: config.useConvShortcut
          ? await readConv(tensors, `${at(index)}.shortcut`, [channels, channels, 1])
          : null,
      });
      index += 1;
    }
    stages.push({ up, ratio, residual });
  }
  const convOut = await readConv(tensors, at(index + 1), [1, channels, config.lastKernelSize]);
  return { codebooks, convIn, lstm, stages, convOut };
}

function embeddingName(book: number): string {
  return `input_embeds_layers.${book}.weight`;
}

function headName(index: number): string {
  return `lm_heads.${index}.weight`;
}
