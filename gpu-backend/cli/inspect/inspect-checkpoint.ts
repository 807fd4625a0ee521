/** What a checkpoint's folder holds, found out without reading a weight. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint.ts';
import { CheckpointError } from '../../checkpoint/checkpoint-error.ts';
import { isMissing, readJsonIfPresent } from '../../checkpoint/json-file.ts';
import { countElements, FLOAT_BYTES, type TensorSource } from '../../checkpoint/tensors.ts';
import { readCodecDecoder, readFine, readTransformer } from '../../checkpoint/weights.ts';
import { PULL_RECORD } from '../../hub/pull.ts';
import { INDEX_FILE } from '../../processor/processor.ts';
import { findVoicePresets } from '../../processor/voice-presets.ts';
import { languageOf } from '../voices/list-voices.ts';

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

export interface Inspection {
  readonly folder: string;
  readonly model: string;
  /** Where it was pulled from, null where it was not. */
  readonly origin: unknown;
  readonly config: Checkpoint['config'];
  readonly generation: Checkpoint['generation'];
  readonly stages: readonly StageSummary[];
  /** Whether recordings can become voices: the codec's encoder is there. */
  readonly hasEncoder: boolean;
  readonly vocabulary: { readonly entries: number; readonly sha256: string } | null;
  readonly voices: { readonly count: number; readonly languages: readonly string[] };
  /** What keeps it from speaking, a sentence each. */
  readonly faults: readonly string[];
  /** What it can do without. */
  readonly notes: readonly string[];
}

const STAGES: readonly (readonly [string, StageName])[] = [
  ['semantic.', 'semantic'],
  ['coarse_acoustics.', 'coarse'],
  ['fine_acoustics.', 'fine'],
  ['codec_model.', 'codec'],
];

/** Looks at a folder; throws CheckpointError where not even its configs and headers can be read. */
export async function inspectCheckpoint(folder: string): Promise<Inspection> {
  const checkpoint = await openCheckpoint(folder);
  try {
    const { tensors, config, generation, model, vocabularySha256 } = checkpoint;
    const faults = await missingWeights(checkpoint);
    const notes: string[] = [];
    const entries = await countLines(join(checkpoint.folder, 'vocab.txt'));
    if (entries === null) {
      faults.push('There is no vocab.txt, without which no text can be read; copy it there.');
    }
    if (
      (await readJsonIfPresent(join(checkpoint.folder, 'generation_config.json'))) === undefined
    ) {
      notes.push(
        'There is no generation_config.json; the values of the published models are used.',
      );
    }
    const names = [...(await findVoicePresets(checkpoint.folder, INDEX_FILE)).entries.keys()];
    if (names.length === 0) notes.push('There are no voices; speech will be in a random one.');
    const hasEncoder = tensors.has('codec_model.encoder.layers.0.conv.bias');
    const languages = new Set(names.map(languageOf).filter((code) => code !== null));
    return {
      folder: checkpoint.folder,
      model,
      origin: await originOf(checkpoint.folder),
      config,
      generation,
      stages: summaries(tensors),
      hasEncoder,
      vocabulary:
        entries === null || vocabularySha256 === null
          ? null
          : { entries, sha256: vocabularySha256 },
      voices: { count: names.length, languages: [...languages].toSorted() },
      faults,
      notes,
    };
  } finally {
    await checkpoint.tensors.close();
  }
}

function summaries(tensors: TensorSource): StageSummary[] {
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
    sum.bytes += elements * FLOAT_BYTES[dtype];
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
async function missingWeights({ tensors, config, generation }: Checkpoint): Promise<string[]> {
  const shapes: TensorSource = {
    ...tensors,
    async read(name) {
      const { shape } = tensors.info(name);
      // lengths of a weight norm are counted against their directions
      const isLength = name.endsWith('.weight_g') || name.endsWith('.original0');
      return { shape, data: new Float32Array(isLength ? countElements(shape) : 0) };
    },
  };
  const faults: string[] = [];
  const tryTo = async (read: () => Promise<unknown>): Promise<void> => {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      faults.push(error.message);
    }
  };
  await tryTo(() => readTransformer(shapes, 'semantic', config.semantic));
  await tryTo(() => readTransformer(shapes, 'coarse_acoustics', config.coarse));
  await tryTo(() => readFine(shapes, config.fine));
  await tryTo(() => readCodecDecoder(shapes, config.codec, generation.fine.fineCodebooks));
  return faults;
}

async function originOf(folder: string): Promise<unknown> {
  const record = await readJsonIfPresent(join(folder, PULL_RECORD));
  if (typeof record !== 'object' || record === null) return null;
  const { repository, revision, commit }: Record<string, unknown> = { ...record };
  return { repository, revision, commit };
}

/** Null where there is no such file. */
async function countLines(path: string): Promise<number | null> {
  try {
    const text = await readFile(path, 'utf8');
    return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
