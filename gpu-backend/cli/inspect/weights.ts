/** What the weights of a checkpoint are, and which of them are missing, without reading one. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { readCodecEncoder } from '../../checkpoint/encoder-weights.ts';
import { countElements, WEIGHT_BYTES, type TensorSource } from '../../checkpoint/tensors.ts';
import { readCodecDecoder, readFine, readTransformer } from '../../checkpoint/weights.ts';
import type { Findings } from './findings.ts';

export type StageName = 'semantic' | 'coarse' | 'fine' | 'codec' | 'other';

export interface StageSummary {
  readonly stage: StageName;
  readonly tensors: number;
  /** Numbers in the float tensors, a shared table counted once a name. */
  readonly parameters: number;
  readonly bytes: number;
  /** How they are stored, each type once. */
  readonly precision: readonly string[];
}

const STAGES: readonly (readonly [string, StageName])[] = [
  ['semantic.', 'semantic'],
  ['coarse_acoustics.', 'coarse'],
  ['fine_acoustics.', 'fine'],
  ['codec_model.', 'codec'],
];

/** Whether the codec's encoder is there, without which recordings can not become voices. */
export function hasEncoder(tensors: TensorSource): boolean {
  return Array.from(tensors.names()).some((name) => name.startsWith('codec_model.encoder.'));
}

export function summarizeStages(tensors: TensorSource): StageSummary[] {
  const byStage = new Map<
    StageName,
    { tensors: number; parameters: number; bytes: number; types: Set<string> }
  >();
  for (const name of tensors.names()) {
    const stage = STAGES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? 'other';
    const sum = byStage.get(stage) ?? { tensors: 0, parameters: 0, bytes: 0, types: new Set() };
    const { dtype, shape } = tensors.info(name);
    const elements = countElements(shape);
    sum.tensors += 1;
    sum.parameters += elements;
    sum.bytes += elements * WEIGHT_BYTES[dtype];
    sum.types.add(dtype);
    byStage.set(stage, sum);
  }
  return [...STAGES.map(([, stage]) => stage), 'other' as const].flatMap((stage) => {
    const sum = byStage.get(stage);
    if (sum === undefined) return [];
    const { types, ...numbers } = sum;
    return [{ stage, ...numbers, precision: [...types].toSorted() }];
  });
}

/** Asks for every stage's weights as loading would, with empty arrays for answers: names and shapes alone. */
export async function checkWeights(
  tensors: TensorSource,
  { config, generation }: Pick<Checkpoint, 'config' | 'generation'>,
  findings: Findings,
): Promise<void> {
  const shapes: TensorSource = {
    ...tensors,
    read: async (name) => ({ shape: tensors.info(name).shape, data: new Float32Array(0) }),
    readStored: async () => ({ dtype: 'F32', data: new Float32Array(0) }),
  };
  const { fineCodebooks } = generation.fine;
  await findings.attempt('weights', () => readTransformer(shapes, 'semantic', config.semantic));
  await findings.attempt('weights', () =>
    readTransformer(shapes, 'coarse_acoustics', config.coarse),
  );
  await findings.attempt('weights', () => readFine(shapes, config.fine));
  await findings.attempt('weights', () => readCodecDecoder(shapes, config.codec, fineCodebooks));
  if (hasEncoder(tensors)) {
    await findings.attempt('encoder', () => readCodecEncoder(shapes, config.codec, fineCodebooks));
  }
}
