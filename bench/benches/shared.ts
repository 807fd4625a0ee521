/** Two engines in two processes on one machine, each with all its threads: what they leave of one alone. */
import type { LatencyMode } from '../../shared/bark/options.ts';
import { turns } from '../support/measure.ts';
import { quantile } from '../support/quantile.ts';
import type { Setting } from '../support/setting.ts';
import { startSpeaker, type Speaker } from '../support/speaker.ts';
import type { SpokenTogether } from '../support/speaker-messages.ts';
import type { Subject } from '../support/subject.ts';
import type { Row, Table } from '../support/table.ts';

/** Two seconds of speech. */
const TOKENS = 100;
const LATENCY: LatencyMode = 'balanced';

export async function shared(subject: Subject, { rounds }: Setting): Promise<Table> {
  const setup = { ...subject, rows: 1 };
  const pair: Speaker[] = [];
  try {
    for (let i = 0; i < 2; i += 1) pair.push(await startSpeaker(setup));
    const take = { latency: LATENCY, tokens: TOKENS, index: 0 };
    for (const speaker of pair) await speaker.speak([{ ...take, tokens: 20 }]);
    const alone: SpokenTogether[] = [];
    const together: SpokenTogether[][] = [];
    for (const count of turns([1, 2], rounds)) {
      const spoken = await Promise.all(pair.slice(0, count).map((one) => one.speak([take])));
      if (count === 1) alone.push(...spoken);
      else together.push(spoken);
    }
    const one = quantile(alone.map(audioASecond), 0.5);
    const both = quantile(
      together.map((runs) => runs.reduce((sum, run) => sum + audioASecond(run), 0)),
      0.5,
    );
    return {
      what: 'shared',
      title: `${subject.kind} checkpoint, ${subject.precision} on ${subject.device}, two processes of ${subject.threads} threads each, ${LATENCY}, ${TOKENS} semantic tokens, ${rounds} rounds in turns`,
      rows: [
        figures('one process', alone, one, 1),
        figures('two at once', together.flat(), both, both / one),
      ],
      reached: { twoProcesses: both / one },
    };
  } finally {
    for (const speaker of pair) speaker.stop();
  }
}

function audioASecond({ streams, wallMs }: SpokenTogether): number {
  return (1_000 * streams.reduce((sum, { audioSeconds }) => sum + audioSeconds, 0)) / wallMs;
}

function figures(
  name: string,
  runs: readonly SpokenTogether[],
  throughput: number,
  ofOne: number,
): Row {
  const first = runs.flatMap(({ streams }) => streams.map(({ firstAudioMs }) => firstAudioMs));
  return {
    '': name,
    'audio s a s, in all': throughput,
    'of one': ofOne,
    'first audio p50 ms': quantile(first, 0.5),
    'first audio p95 ms': quantile(first, 0.95),
  };
}
