/** An inspection as text for people. */
import { formatTable } from '../terminal/table.ts';
import { formatBytes, formatCount } from '../terminal/units.ts';
import type { Inspection } from './inspect-checkpoint.ts';

export function describeInspection(inspection: Inspection): string {
  const { config, stages, voices, vocabulary, generation } = inspection;
  const sizes = [
    ['semantic', config.semantic],
    ['coarse', config.coarse],
    ['fine', config.fine],
  ] as const;
  const total = stages.reduce(
    (sum, { tensors, parameters, bytes }) => ({
      tensors: sum.tensors + tensors,
      parameters: sum.parameters + parameters,
      bytes: sum.bytes + bytes,
    }),
    { tensors: 0, parameters: 0, bytes: 0 },
  );
  const parts = [
    `${inspection.model}, in ${inspection.folder}\n${originLine(inspection.origin)}`,
    formatTable(
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
    ),
    formatTable(
      ['weights', 'tensors', 'parameters', 'bytes', 'stored as'],
      [
        ...stages.map(({ stage, tensors, parameters, bytes, precision }) => [
          stage,
          String(tensors),
          formatCount(parameters),
          formatBytes(bytes),
          precision.join(', '),
        ]),
        ['all', String(total.tensors), formatCount(total.parameters), formatBytes(total.bytes), ''],
      ],
    ),
    `${[
      `vocabulary  ${vocabulary === null ? 'missing' : `${formatCount(vocabulary.entries)} entries, sha256 ${vocabulary.sha256.slice(0, 12)}...`}`,
      `voices      ${voices.count}${voices.languages.length === 0 ? '' : `, in ${voices.languages.join(' ')}`}`,
      `sampling    ${samplingLine('semantic', generation.semantic)}; ${samplingLine('coarse', generation.coarse)}`,
      `recordings  ${inspection.hasEncoder ? 'can become voices' : 'can not become voices: the encoder is left out'}`,
    ].join('\n')}\n`,
  ];
  for (const note of inspection.notes) parts.push(`note: ${note}\n`);
  for (const fault of inspection.faults) parts.push(`missing: ${fault}\n`);
  if (inspection.faults.length === 0) parts.push('Nothing is missing: it can speak.\n');
  return parts.join('\n');
}

function originLine(origin: unknown): string {
  if (typeof origin !== 'object' || origin === null) return '';
  const { repository, revision, commit }: Record<string, unknown> = { ...origin };
  return `pulled from ${String(repository)}, ${String(revision)} at ${String(commit).slice(0, 12)}\n`;
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
