/** What the engine has to reach, on two shared processors with 8-bit weights, and whether it did. */

export interface Bar {
  readonly what: string;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** "The small model" has the published small model's sizes, "the embedded one" is what the repository carries. */
export const BARS = {
  exactTimesPeer: {
    what: 'small, exact, 5 s with a voice: times as fast as transformers (the better of fp32 and bf16)',
    unit: 'x',
    atLeast: 3,
  },
  fastRealTimeFactor: { what: 'small, fast: real-time factor', unit: '', atMost: 2.5 },
  fastFirstAudioShare: {
    what: 'small, fast: first audio as a share of the whole sentence in transformers',
    unit: '',
    atMost: 0.1,
  },
  decodeStepMs: { what: 'small: one step behind 512 positions', unit: 'ms', atMost: 11 },
  codecTimesRealTime: { what: 'small: codec, times real time', unit: 'x', atLeast: 15 },
  rowsOf8: { what: 'small: steps of 8 rows, throughput of one', unit: 'x', atLeast: 2.5 },
  exactStreamsOf8: { what: 'small, exact: 8 streams, throughput of one', unit: 'x', atLeast: 1.3 },
  fastStreamsOf8: { what: 'small, fast: 8 streams, throughput of one', unit: 'x', atLeast: 1.8 },
  firstAudioOfEvenShare: {
    what: 'streams admitted together: the latest first audio, of what even serving takes',
    unit: 'x',
    atMost: 2,
  },
  smallResidentMb: { what: 'small: resident after speaking', unit: 'MB', atMost: 1_200 },
  embeddedResidentMb: { what: 'embedded: resident after speaking', unit: 'MB', atMost: 300 },
  embeddedRealTimeFactor: {
    what: 'embedded, balanced, one thread: real-time factor',
    unit: '',
    atMost: 1,
  },
  embeddedFirstAudioMs: {
    what: 'embedded, balanced, one thread: first audio',
    unit: 'ms',
    atMost: 400,
  },
  twoProcesses: {
    what: 'two processes at once: audio a second of both, of one alone',
    unit: 'x',
    atLeast: 0.8,
  },
} as const satisfies Record<string, Bar>;

export type BarName = keyof typeof BARS;
export type Reached = Partial<Record<BarName, number>>;

/** A line of the last table. */
export type Verdict = Readonly<Record<'bar' | 'asked' | 'measured' | 'met', string>>;

/** A line for every bar. */
export function verdicts(reached: Reached): Verdict[] {
  return Object.entries<Bar>(BARS).map(([name, bar]) => {
    const value = Object.entries(reached).find(([known]) => known === name)?.[1];
    return {
      bar: bar.what,
      asked: askedOf(bar),
      measured: value === undefined ? '' : `${rounded(value)} ${bar.unit}`.trim(),
      met: value === undefined ? 'not measured' : isMet(bar, value) ? 'yes' : 'no',
    };
  });
}

export function isMet({ atLeast, atMost }: Bar, value: number): boolean {
  return (
    value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY)
  );
}

function askedOf({ atLeast, atMost, unit }: Bar): string {
  const sign = atLeast === undefined ? '<=' : '>=';
  return `${sign} ${atLeast ?? atMost} ${unit}`.trim();
}

function rounded(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
