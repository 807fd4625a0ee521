/** Single stages of a checkpoint, opened as variants need them. */
import { openCheckpoint, type Checkpoint } from '../../gpu-backend/checkpoint/checkpoint.ts';
import { openBarkModels, type LoadedModels } from '../../gpu-backend/models/bark-models.ts';
import type { ModelOptions, Precision } from '../../gpu-backend/models/options.ts';
import type { Limits } from './machine.ts';
import type { Setting } from './setting.ts';
import type { Subject } from './subject.ts';
import type { Table } from './table.ts';

export type StageOptions = Omit<ModelOptions, 'threads' | 'precision'> & {
  readonly precision?: Precision;
};
export type Kinds = readonly (readonly [name: string, options: StageOptions])[];

/** The reference that everything is held against: fp32 in plain operators. */
export const PLAIN: StageOptions = { precision: 'fp32', attention: 'plain' };
/** The engine on a processor, without its precision. */
export const NATIVE = { attention: 'fused', decoder: 'native' } as const;

export class Stages {
  readonly limits: Limits;
  readonly #checkpoint: Checkpoint;
  readonly #subject: Subject;
  readonly #opened: LoadedModels[] = [];

  constructor(checkpoint: Checkpoint, subject: Subject, limits: Limits) {
    this.#checkpoint = checkpoint;
    this.#subject = subject;
    this.limits = limits;
  }

  get config(): Checkpoint['config'] {
    return this.#checkpoint.config;
  }

  /** As the server runs them. */
  get served(): StageOptions {
    const { precision, device } = this.#subject;
    return device === 'cpu'
      ? { precision, ...NATIVE }
      : { precision, device, attention: 'fastest' };
  }

  /** What is told of `served`. */
  get servedName(): string {
    const { precision, device } = this.#subject;
    return device === 'cpu' ? `${precision}, C API` : `${precision}, ${device}`;
  }

  /** The variants of a processor, or a device against the reference. */
  kinds(ofProcessor: Kinds): Kinds {
    if (this.#subject.device === 'cpu') return ofProcessor;
    return [
      ['fp32 plain, cpu', PLAIN],
      [this.servedName, this.served],
    ];
  }

  /** Any ids that the coarse stage knows, different ones. */
  ids(count: number): Int32Array {
    const { inputVocabularySize } = this.config.coarse;
    return Int32Array.from({ length: count }, (_, i) => (i * 37) % inputVocabularySize);
  }

  async open(options: StageOptions, threads = this.#subject.threads): Promise<LoadedModels> {
    // offloading reads only the stage that is used
    const models = await openBarkModels(this.#checkpoint, { ...options, threads, offload: true });
    this.#opened.push(models);
    return models;
  }

  async release(): Promise<void> {
    for (const models of this.#opened) await models.release();
  }
}

export async function withStages(
  { small, limits }: Setting,
  measure: (stages: Stages) => Promise<Table>,
): Promise<Table> {
  const subject = await small();
  const checkpoint = await openCheckpoint(subject.folder);
  const stages = new Stages(checkpoint, subject, await limits(subject.threads));
  try {
    return await measure(stages);
  } finally {
    await stages.release();
    await checkpoint.tensors.close();
  }
}
