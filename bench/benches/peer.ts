/** The same sentence by transformers and by us, in turns, on the same weights, as many tokens on both sides. */
import type { LatencyMode } from '../../shared/bark/options.ts';
import type { Reached } from '../support/bars.ts';
import { turns } from '../support/measure.ts';
import { startPeer, type PeerRun } from '../support/peer.ts';
import { quantile } from '../support/quantile.ts';
import { sentenceBounds } from '../support/sentence-bounds.ts';
import type { Setting } from '../support/setting.ts';
import { startSpeaker } from '../support/speaker.ts';
import { FIVE_SECONDS, type Subject } from '../support/subject.ts';
import type { Row, Table } from '../support/table.ts';

interface Side {
  readonly name: string;
  readonly run: () => Promise<PeerRun>;
  readonly runs: PeerRun[];
}

export async function againstPeer(
  subject: Subject,
  { modes, rounds, python, limits }: Setting,
): Promise<Table> {
  const tokens = subject.tokens ?? FIVE_SECONDS;
  const { folder, threads } = subject;
  const peer = await startPeer(python, { folder, threads });
  const speaker = await startSpeaker({ ...subject, rows: 1 });
  const ours = (latency: LatencyMode): Side => ({
    name: `ours, ${latency}`,
    runs: [],
    run: async () => {
      const {
        streams: [spoken],
        residentMb,
      } = await speaker.speak([{ latency, tokens, index: 0 }]);
      if (spoken === undefined) throw new Error('No stream spoke.');
      const { semantic, coarse, fine, codec } = spoken.report;
      return {
        totalMs: spoken.totalMs,
        firstAudioMs: spoken.firstAudioMs,
        audioSeconds: spoken.audioSeconds,
        stages: [semantic.ms, coarse.ms, fine.ms, codec.ms],
        residentMb,
      };
    },
  });
  const theirs = (dtype: 'fp32' | 'bf16'): Side => ({
    name: `transformers, ${dtype}`,
    runs: [],
    run: () => peer.speak(dtype, tokens),
  });
  const peers = [theirs('fp32'), theirs('bf16')];
  const own = new Map(modes.map((mode) => [mode, ours(mode)]));
  try {
    for (const latency of modes) await speaker.speak([{ latency, tokens: 20, index: 0 }]);
    for (const dtype of ['fp32', 'bf16'] as const) await peer.speak(dtype, 5);
    const sides = [...own.values()].flatMap((side, i) => [side, ...peers.slice(i, i + 1)]);
    for (const side of turns([...new Set([...sides, ...peers])], rounds))
      side.runs.push(await side.run());
  } finally {
    speaker.stop();
    peer.stop();
  }
  const better = betterOf(peers);
  const rows: Row[] = peers.map((side) => figures(side, better));
  for (const [latency, side] of own) {
    const take = { latency, tokens, streams: 1 };
    const { totalMs } = await sentenceBounds(folder, take, await limits(threads));
    rows.push({ ...figures(side, better), 's bound': totalMs / 1_000 });
  }
  return {
    what: 'peer',
    title: `${peer.versions}, against ours in ${subject.precision}: ${subject.kind} checkpoint, ${threads} threads, ${tokens} semantic tokens with a voice, ${rounds} rounds in turns`,
    rows,
    reached: reached(own, better),
  };
}

function middle(side: Side, value: (run: PeerRun) => number): number {
  return quantile(side.runs.map(value), 0.5);
}

function realTimeFactor(side: Side): number {
  return middle(side, ({ totalMs, audioSeconds }) => totalMs / 1_000 / audioSeconds);
}

/** The one that needs less time. */
function betterOf(sides: readonly Side[]): Side {
  return sides.reduce((best, side) =>
    middle(side, ({ totalMs }) => totalMs) < middle(best, ({ totalMs }) => totalMs) ? side : best,
  );
}

/** Median over rounds of how many times as long the peer took. */
function timesFaster(side: Side, peer: Side): number {
  return quantile(
    side.runs.map(({ totalMs }, round) => (peer.runs[round]?.totalMs ?? Number.NaN) / totalMs),
    0.5,
  );
}

function firstAudioShare(side: Side, peer: Side): number {
  return quantile(
    side.runs.map(
      ({ firstAudioMs }, round) => firstAudioMs / (peer.runs[round]?.totalMs ?? Number.NaN),
    ),
    0.5,
  );
}

function figures(side: Side, better: Side): Row {
  const totals = side.runs.map(({ totalMs }) => totalMs);
  const stage = (index: number): number =>
    middle(side, ({ stages }) => stages[index] ?? Number.NaN);
  return {
    '': side.name,
    's p50': quantile(totals, 0.5) / 1_000,
    's p95': quantile(totals, 0.95) / 1_000,
    'RTF p50': realTimeFactor(side),
    'first audio s': middle(side, ({ firstAudioMs }) => firstAudioMs) / 1_000,
    'times as fast as the better peer': timesFaster(side, better),
    'first audio, of its whole time': firstAudioShare(side, better),
    'semantic s': stage(0) / 1_000,
    'coarse s': stage(1) / 1_000,
    'fine s': stage(2) / 1_000,
    'codec s': stage(3) / 1_000,
    'resident MB': Math.max(...side.runs.map(({ residentMb }) => residentMb)),
  };
}

function reached(own: ReadonlyMap<LatencyMode, Side>, better: Side): Reached {
  const result: Reached = {};
  const [exact, fast] = [own.get('exact'), own.get('fast')];
  if (exact !== undefined) result.exactTimesPeer = timesFaster(exact, better);
  if (fast !== undefined) {
    result.fastFirstAudioShare = firstAudioShare(fast, better);
    result.fastRealTimeFactor = realTimeFactor(fast);
  }
  return result;
}
