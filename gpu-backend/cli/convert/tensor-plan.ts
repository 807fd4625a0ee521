/** Which tensors a converted checkpoint holds, and how each is stored. */
import type { BarkConfig } from '../../checkpoint/config.ts';
import { SCALE_SUFFIX } from '../../checkpoint/safetensors.ts';
import {
  WEIGHT_BYTES,
  type FloatType,
  type TensorSource,
  type WeightType,
} from '../../checkpoint/tensors.ts';

/** How weights are stored in a checkpoint's folder. */
export const STORED_PRECISIONS = ['int8', 'fp32', 'fp16', 'bf16'] as const;
export type StoredPrecision = (typeof STORED_PRECISIONS)[number];

const STORED_AS: Readonly<Record<Exclude<StoredPrecision, 'int8'>, FloatType>> = {
  fp32: 'F32',
  fp16: 'F16',
  bf16: 'BF16',
};

export interface PlannedTensor {
  readonly name: string;
  readonly dtype: WeightType | 'BOOL';
  readonly shape: readonly number[];
  /** `mask`: lower triangular, by its shape. */
  readonly content:
    | 'mask'
    /** The numbers of `source`, or with I8 its rounded values, or the scales of its rows. */
    | { readonly of: 'weight' | 'scales'; readonly source: string };
}

export interface PlanOptions {
  readonly precision: StoredPrecision;
  /** Leave out what only training, or making voices of recordings, needs. */
  readonly inferenceOnly: boolean;
  /** Codebooks that are decoded; Bark uses 8 of the codec's 32. */
  readonly codebooks: number;
}

/** Codebook statistics of training; a sum over a training set does not fit a half. */
const TRAINING_STATISTICS = /\.codebook\.(?:inited|cluster_size|embed_avg)$/;

/** What the engine's int8 rounds: the matrices of all layers, and the heads of the causal stages. */
const ROUNDED =
  /^(?:(?:semantic|coarse_acoustics|fine_acoustics)\.layers\.\d+\.(?:attn|mlp)\.\w+_proj|(?:semantic|coarse_acoustics)\.lm_head)\.weight$/;

/** What it holds in halves; the fine stage's heads are embeddings, or would be. */
const TABLE =
  /^(?:(?:semantic|coarse_acoustics)\.input_embeds_layer|fine_acoustics\.(?:input_embeds_layers|lm_heads)\.\d+)\.weight$/;

/** Modules that look like matrices to others but are not rounded, as compressed-tensors names them. */
export const NOT_ROUNDED = ['re:fine_acoustics\\.lm_heads\\..*'];

/**
 * What of `tensors` is written, in its order, then the masks that the reference keeps beside floats; it makes them
 * itself where they are absent.
 */
export function planTensors(
  tensors: TensorSource,
  config: BarkConfig,
  { precision, inferenceOnly, codebooks }: PlanOptions,
): PlannedTensor[] {
  const planned: PlannedTensor[] = [];
  for (const name of tensors.names()) {
    if (isTiedHead(name, tensors, config)) continue;
    if (inferenceOnly && !isForInference(name, codebooks)) continue;
    const { shape, dtype: from } = tensors.info(name);
    const dtype = storedType(name, from, precision);
    planned.push({ name, dtype, shape, content: { of: 'weight', source: name } });
    if (dtype !== 'I8') continue;
    planned.push({
      name: name + SCALE_SUFFIX,
      dtype: 'F32',
      shape: [shape[0] ?? 0, 1],
      content: { of: 'scales', source: name },
    });
  }
  if (!inferenceOnly && precision !== 'int8') planned.push(...masks(config));
  return planned;
}

/** Bytes of a stored element. */
export function elementBytes(dtype: PlannedTensor['dtype']): number {
  return dtype === 'BOOL' ? 1 : WEIGHT_BYTES[dtype];
}

/** In int8 what is not rounded keeps its own type, so that nothing but rounding changes a number. */
function storedType(name: string, from: WeightType, precision: StoredPrecision): WeightType {
  if (TRAINING_STATISTICS.test(name)) return 'F32';
  if (precision !== 'int8') return STORED_AS[precision];
  if (ROUNDED.test(name)) return 'I8';
  if (TABLE.test(name)) return 'F16';
  return from === 'I8' ? 'F32' : from;
}

/** A head that is an embedding under a second name: both readers know that, so it is stored once. */
function isTiedHead(name: string, tensors: TensorSource, { fine }: BarkConfig): boolean {
  const index = /^fine_acoustics\.lm_heads\.(\d+)\.weight$/.exec(name)?.[1];
  return (
    fine.tiedHeads &&
    index !== undefined &&
    tensors.has(`fine_acoustics.input_embeds_layers.${Number(index) + 1}.weight`)
  );
}

function isForInference(name: string, codebooks: number): boolean {
  const layer = /^codec_model\.quantizer\.layers\.(\d+)\./.exec(name)?.[1];
  return (
    !name.startsWith('codec_model.encoder.') &&
    !TRAINING_STATISTICS.test(name) &&
    (layer === undefined || Number(layer) < codebooks)
  );
}

function masks({ semantic, coarse }: BarkConfig): PlannedTensor[] {
  const stages = [
    ['semantic', semantic],
    ['coarse_acoustics', coarse],
  ] as const;
  return stages.flatMap(([stage, { layers, blockSize }]) =>
    Array.from({ length: layers }, (_, layer) => ({
      name: `${stage}.layers.${layer}.attn.bias`,
      dtype: 'BOOL' as const,
      shape: [1, 1, blockSize, blockSize],
      content: 'mask' as const,
    })),
  );
}
