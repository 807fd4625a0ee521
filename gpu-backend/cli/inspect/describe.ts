/** An inspection as text for people. */
import { printable } from '../terminal/printable.ts';
import { formatTable } from '../terminal/table.ts';
import { formatBytes, formatCount } from '../terminal/units.ts';
import type { Inspection } from './inspect-checkpoint.ts';

/** Of a folder where all voices are broken the first few say enough. */
const MOST_FAULTS = 20;

export function describeInspection(inspection: Inspection): string {
  const { config, stages, notes, faults } = inspection;
  const parts = [
    `${printable(inspection.model)}, in ${printable(inspection.folder)}\n${originLine(inspection.origin)}`,
    ...(config === null ? [] : [transformerTable(config)]),
    ...(stages.length === 0 ? [] : [weightTable(stages)]),
    summary(inspection),
    ...notes.map((note) => `note: ${note}\n`),
    ...faults.slice(0, MOST_FAULTS).map(({ message }) => `fault: ${printable(message)}\n`),
  ];
  if (faults.length > MOST_FAULTS) {
    parts.push(`and ${faults.length - MOST_FAULTS} more faults; --json has them all.\n`);
  }
  if (faults.length === 0) parts.push('Nothing is missing: it can speak.\n');
  return parts.join('\n');
}

function transformerTable(config: NonNullable<Inspection['config']>): string {
  const sizes = [
    ['semantic', config.semantic],
    ['coarse', config.coarse],
    ['fine', config.fine],
  ] as const;
  return formatTable(
    ['transformer', 'layers', 'heads', 'width', 'ids in', 'ids out', 'context', 'bias'],
    sizes.map(([name, one]) => [
      name,
      one.layers,
      one.heads,
      one.hiddenSize,
      one.inputVocabularySize,
      one.outputVocabularySize,
      one.blockSize,
      one.bias ? 'yes' : 'no',
    ]),
  );
}

function weightTable(stages: Inspection['stages']): string {
  const sum = (of: (stage: Inspection['stages'][number]) => number): number =>
    stages.reduce((total, stage) => total + of(stage), 0);
  return formatTable(
    ['weights', 'tensors', 'parameters', 'bytes', 'stored as'],
    [
      ...stages.map(({ stage, tensors, parameters, bytes, precision }) => [
        stage,
        tensors,
        formatCount(parameters),
        formatBytes(bytes),
        precision.join(', '),
      ]),
      [
        'all',
        sum(({ tensors }) => tensors),
        formatCount(sum(({ parameters }) => parameters)),
        formatBytes(sum(({ bytes }) => bytes)),
        '',
      ],
    ],
  );
}

function summary({ vocabulary, voices, generation, hasEncoder }: Inspection): string {
  const languages = voices.languages.length === 0 ? '' : `, in ${voices.languages.join(' ')}`;
  const broken = voices.broken === 0 ? '' : `; ${voices.broken} broken`;
  const lines = [
    `vocabulary  ${vocabulary === null ? 'none that can be read' : `${formatCount(vocabulary.entries)} entries, sha256 ${vocabulary.sha256.slice(0, 12)}...`}`,
    `voices      ${voices.count}${languages}${broken}`,
    ...(generation === null
      ? []
      : [
          `sampling    ${samplingLine('semantic', generation.semantic)}; ${samplingLine('coarse', generation.coarse)}`,
        ]),
    `recordings  ${hasEncoder ? 'can become voices' : 'can not become voices: the encoder is left out'}`,
  ];
  return `${lines.join('\n')}\n`;
}

function originLine(origin: unknown): string {
  if (typeof origin !== 'object' || origin === null) return '';
  const { repository, revision, commit }: Record<string, unknown> = { ...origin };
  const line = `pulled from ${String(repository)}, ${String(revision)} at ${String(commit).slice(0, 12)}`;
  return `${printable(line)}\n`;
}

function samplingLine(
  stage: string,
  one: {
    readonly doSample: boolean;
    readonly temperature: number | null;
    readonly topK: number | null;
  },
): string {
  return one.doSample
    ? `${stage} drawn, temperature ${one.temperature ?? 1}, top ${one.topK ?? 'all'}`
    : `${stage} greedy`;
}
