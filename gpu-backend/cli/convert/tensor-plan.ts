/** Which tensors a converted checkpoint holds, and how each is stored. */
import type { BarkConfig } from '../../checkpoint/config.ts';
import { FLOAT_BYTES, type FloatType, type TensorSource } from '../../checkpoint/tensors.ts';

/** How weights are stored in a checkpoint's folder. */
export const STORED_PRECISIONS = ['fp32', 'fp16', 'bf16'] as const;
export type StoredPrecision = (typeof STORED_PRECISIONS)[number];

const STORED_AS: Readonly<Record<StoredPrecision, FloatType>> = {
  fp32: 'F32',
  fp16: 'F16',
  bf16: 'BF16',
};

export interface PlannedTensor {
  readonly name: string;
  readonly dtype: FloatType | 'BOOL';
  readonly shape: readonly number[];
  /** `weight`: copied from the source. `mask`: lower triangular, by its shape. */
  readonly content: 'weight' | 'mask';
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

/** What of `tensors` is written, in its order, then the masks that the reference keeps beside them. */
export function planTensors(
  tensors: TensorSource,
  config: BarkConfig,
  { precision, inferenceOnly, codebooks }: PlanOptions,
): PlannedTensor[] {
  const planned: PlannedTensor[] = [];
  for (const name of tensors.names()) {
    if (isTiedHead(name, tensors, config)) continue;
    if (inferenceOnly && !isForInference(name, codebooks)) continue;
    const dtype = TRAINING_STATISTICS.test(name) ? 'F32' : STORED_AS[precision];
    planned.push({ name, dtype, shape: tensors.info(name).shape, content: 'weight' });
  }
  if (!inferenceOnly) planned.push(...masks(config));
  return planned;
}

/** Bytes of a stored element. */
export function elementBytes(dtype: PlannedTensor['dtype']): number {
  return dtype === 'BOOL' ? 1 : FLOAT_BYTES[dtype];
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
