/** Whole sentences by latency mode and by how many are spoken at once: speed, first audio, stages, memory, fairness. */
import type { LatencyMode } from '../../shared/bark/options.ts';
import type { Reached } from '../support/bars.ts';
import type { Limits } from '../support/machine.ts';
import { turns } from '../support/measure.ts';
import { quantile } from '../support/quantile.ts';
import { sentenceBounds } from '../support/sentence-bounds.ts';
import type { Setting } from '../support/setting.ts';
import { startSpeaker } from '../support/speaker.ts';
import type { Spoken, SpokenTogether } from '../support/speaker-messages.ts';
import type { Subject } from '../support/subject.ts';
import type { Row, Table } from '../support/table.ts';

interface Group {
  readonly mode: LatencyMode;
  readonly count: number;
  readonly runs: SpokenTogether[];
}

export async function streams(
  subject: Subject,
  { modes, streams: counts, rounds, limits }: Setting,
): Promise<Table> {
  const groups: Group[] = counts.flatMap((count) =>
    modes.map((mode) => ({ mode, count, runs: [] })),
  );
  const speaker = await startSpeaker({ ...subject, rows: Math.max(...counts) });
  try {
    // a short sentence first: what is made once is not measured
    for (const latency of modes) await speaker.speak([{ latency, tokens: 20, index: 0 }]);
    let turn = 0;
    for (const { mode, count, runs } of turns(groups, rounds)) {
      const round = Math.floor(turn / groups.length);
      turn += 1;
      const takes = Array.from({ length: count }, (_, i) => ({
        latency: mode,
        tokens: subject.tokens,
        index: round + i,
      }));
      runs.push(await speaker.speak(takes));
    }
  } finally {
    speaker.stop();
  }
  const rows: Row[] = [];
  for (const group of groups) {
    const alone = groups.find(({ mode, count }) => mode === group.mode && count === 1);
    rows.push({
      ...figures(group, alone),
      ...(await bounds(subject, group, await limits(subject.threads))),
    });
  }
  return {
    what: subject.kind,
    title: `${subject.kind} checkpoint, ${subject.precision} on ${subject.device}, ${subject.threads} threads, ${rounds} rounds: sentences begun at the same moment, each with a voice; ${Math.round(speaker.residentMb)} MB resident once loaded, loaded in ${(speaker.loadMs / 1_000).toFixed(1)} s`,
    rows,
    reached: reached(subject, groups),
  };
}

function all(group: Group): Spoken[] {
  return group.runs.flatMap(({ streams: spoken }) => spoken);
}

function realTimeFactors(group: Group): number[] {
  return all(group).map(({ totalMs, audioSeconds }) => totalMs / 1_000 / audioSeconds);
}

/** Seconds of audio that a second brings, of all streams together. */
function throughput({ runs }: Group): number {
  const perRun = runs.map(
    ({ streams: spoken, wallMs }) =>
      (1_000 * spoken.reduce((sum, { audioSeconds }) => sum + audioSeconds, 0)) / wallMs,
  );
  return quantile(perRun, 0.5);
}

/** The latest first audio of a group, in shares of what serving all of them evenly, one's speed each, would take. */
function ofEvenShare({ runs, count }: Group, alone: Group): number {
  const oneMs = quantile(
    all(alone).map(({ firstAudioMs }) => firstAudioMs),
    0.5,
  );
  const latest = runs.map(({ streams: spoken }) =>
    Math.max(...spoken.map(({ firstAudioMs }) => firstAudioMs)),
  );
  return quantile(latest, 0.5) / (count * oneMs);
}

function figures(group: Group, alone: Group | undefined): Row {
  const spoken = all(group);
  const first = spoken.map(({ firstAudioMs }) => firstAudioMs);
  const factors = realTimeFactors(group);
  const stage = (name: 'semantic' | 'coarse' | 'fine' | 'codec'): number =>
    quantile(
      spoken.map(({ report }) => report[name].ms),
      0.5,
    );
  return {
    mode: group.mode,
    streams: group.count,
    'RTF p50': quantile(factors, 0.5),
    'RTF p95': quantile(factors, 0.95),
    'first audio p50 ms': quantile(first, 0.5),
    'first audio p95 ms': quantile(first, 0.95),
    'audio s a s': throughput(group),
    ...(group.count === 1 || alone === undefined
      ? {}
      : {
          'of one': throughput(group) / throughput(alone),
          'latest first audio, of even share': ofEvenShare(group, alone),
        }),
    ...(group.count === 1
      ? {
          'semantic ms': stage('semantic'),
          'coarse ms': stage('coarse'),
          'fine ms': stage('fine'),
          'codec ms': stage('codec'),
        }
      : {}),
    // before more streams than these have ever spoken
    'resident MB': group.runs[0]?.residentMb ?? Number.NaN,
    'peak MB': group.runs[0]?.peakMb ?? Number.NaN,
  };
}

/** The shortest time that this machine could need for what the streams compute, all of them in step. */
async function bounds(subject: Subject, group: Group, limits: Limits): Promise<Row> {
  const tokens = Math.round(
    quantile(
      all(group).map(({ report }) => report.semantic.steps),
      0.5,
    ),
  );
  const take = { latency: group.mode, tokens, streams: group.count };
  const { firstAudioMs, totalMs, audioSeconds } = await sentenceBounds(
    subject.folder,
    take,
    limits,
  );
  return {
    'RTF bound': totalMs / 1_000 / audioSeconds,
    'first audio bound ms': firstAudioMs,
  };
}

function reached({ kind, threads }: Subject, groups: readonly Group[]): Reached {
  const of = (mode: LatencyMode, count: number): Group | undefined =>
    groups.find((group) => group.mode === mode && group.count === count);
  const alone = groups.filter(({ count }) => count === 1);
  const resident = Math.max(...alone.map(({ runs }) => runs[0]?.residentMb ?? Number.NaN));
  const result: Reached = {};
  if (kind === 'small') {
    result.smallResidentMb = resident;
    const fast = of('fast', 1);
    if (fast !== undefined) result.fastRealTimeFactor = quantile(realTimeFactors(fast), 0.5);
    const shares = groups.flatMap((group) => {
      const one = of(group.mode, 1);
      return group.count === 1 || one === undefined ? [] : [ofEvenShare(group, one)];
    });
    if (shares.length > 0) result.firstAudioOfEvenShare = Math.max(...shares);
    for (const [mode, bar] of [
      ['exact', 'exactStreamsOf8'],
      ['fast', 'fastStreamsOf8'],
    ] as const) {
      const [one, eight] = [of(mode, 1), of(mode, 8)];
      if (one !== undefined && eight !== undefined)
        result[bar] = throughput(eight) / throughput(one);
    }
  } else {
    result.embeddedResidentMb = resident;
    const balanced = of('balanced', 1);
    if (balanced !== undefined && threads === 1) {
      result.embeddedRealTimeFactor = quantile(realTimeFactors(balanced), 0.5);
      result.embeddedFirstAudioMs = quantile(
        all(balanced).map(({ firstAudioMs }) => firstAudioMs),
        0.5,
      );
    }
  }
  return result;
}
