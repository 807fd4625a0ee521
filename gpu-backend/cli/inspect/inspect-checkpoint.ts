/** What a checkpoint's folder holds and what is wrong with it, found out without reading a weight. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { openTensors, readConfigs, type Checkpoint } from '../../checkpoint/checkpoint.ts';
import { readJsonIfPresent } from '../../checkpoint/json-file.ts';
import { PULL_RECORD } from '../../hub/pull.ts';
import { shown } from '../../processor/processor-error.ts';
import { listVoices } from '../voices/list-voices.ts';
import { type Fault, Findings } from './findings.ts';
import { inspectVocabulary, type VocabularySummary } from './vocabulary.ts';
import { checkWeights, hasEncoder, type StageSummary, summarizeStages } from './weights.ts';

export interface Inspection {
  readonly folder: string;
  readonly model: string;
  /** Where it was pulled from, null where it was not. */
  readonly origin: unknown;
  /** Null where they can not be read. */
  readonly config: Checkpoint['config'] | null;
  readonly generation: Checkpoint['generation'] | null;
  /** None where the weights can not be opened. */
  readonly stages: readonly StageSummary[];
  /** Whether recordings can become voices: the codec's encoder is there. */
  readonly hasEncoder: boolean;
  readonly vocabulary: VocabularySummary | null;
  /** `count` are sound, `broken` can not be used. */
  readonly voices: {
    readonly count: number;
    readonly broken: number;
    readonly languages: readonly string[];
  };
  /** Whether texts can be spoken, though perhaps not in every voice. */
  readonly canSpeak: boolean;
  readonly faults: readonly Fault[];
  /** What it can do without. */
  readonly notes: readonly string[];
}

/** Looks at everything in a folder that speaking, the server and the processor read, and refuses nothing. */
export async function inspectCheckpoint(named: string, signal: AbortSignal): Promise<Inspection> {
  const folder = resolve(named);
  const findings = new Findings();
  const configs = await findings.attempt('config', () => readConfigs(folder));
  if (!existsSync(join(folder, 'generation_config.json'))) {
    findings.notes.push(
      'There is no generation_config.json; the values of the published models are used.',
    );
  }
  const weights = await inspectWeights(folder, configs, findings);
  const vocabulary = await inspectVocabulary(folder, configs, findings);
  const voices = await inspectVoices(folder, findings, signal);
  return {
    folder,
    model: configs?.config.name ?? basename(folder),
    origin: await originOf(folder, findings),
    config: configs?.config ?? null,
    generation: configs?.generation ?? null,
    ...weights,
    vocabulary,
    voices,
    canSpeak: findings.canSpeak,
    faults: findings.faults,
    notes: findings.notes,
  };
}

async function inspectWeights(
  folder: string,
  configs: Pick<Checkpoint, 'config' | 'generation'> | null,
  findings: Findings,
): Promise<Pick<Inspection, 'stages' | 'hasEncoder'>> {
  const tensors = await findings.attempt('weights', () => openTensors(folder));
  if (tensors === null) return { stages: [], hasEncoder: false };
  try {
    if (configs !== null) await checkWeights(tensors, configs, findings);
    return { stages: summarizeStages(tensors), hasEncoder: hasEncoder(tensors) };
  } finally {
    await tensors.close();
  }
}

async function inspectVoices(
  folder: string,
  findings: Findings,
  signal: AbortSignal,
): Promise<Inspection['voices']> {
  const voices = await findings.attempt('voices', () => listVoices(folder, signal));
  if (voices === null) return { count: 0, broken: 0, languages: [] };
  if (voices.length === 0) {
    findings.notes.push('There are no voices; speech will be in a random one.');
  }
  const languages = new Set<string>();
  let broken = 0;
  for (const { name, language, fault } of voices) {
    if (fault !== null) {
      broken += 1;
      findings.add('voices', `voice ${shown(name)}: ${fault}`);
    } else if (language !== null) languages.add(language);
  }
  return { count: voices.length - broken, broken, languages: [...languages].toSorted() };
}

async function originOf(folder: string, findings: Findings): Promise<unknown> {
  const record = await findings.attempt('origin', () =>
    readJsonIfPresent(join(folder, PULL_RECORD)),
  );
  if (typeof record !== 'object' || record === null) return null;
  const { repository, revision, commit }: Record<string, unknown> = { ...record };
  return { repository, revision, commit };
}
