/** The command line of the benchmark. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { LatencyMode } from '../../shared/bark/options.ts';
import type { Device, Precision } from '../../gpu-backend/models/options.ts';
import { MODES } from './setting.ts';
import { EMBEDDED } from './subject.ts';

export const USAGE = `npm run bench -- [options]

  --what NAME       only this bench; more than once for several:
                      decode rows prefill fine codec   single calls at the small model's sizes
                      small       whole sentences at the small model's sizes, by mode and number of streams
                      embedded    the same with a checkpoint that speaks, on one thread
                      http        embedded through both halves, as a client sees it
                      modes       how far from exact the other modes sound
                      shared      two processes on one machine
                      combinations  memory and speed by precision, attention and offloading
                      peer        against transformers, in turns
  --peer            all, and the peer too
  --python PATH     a Python with transformers 4.57 and torch (or BENCH_PYTHON; else python3)
  --quick           under a minute: rows, codec, embedded with 1 and 4 streams, one round
  --rounds N        how often each figure is taken (3)
  --modes A,B       of exact, balanced, fast
  --streams A,B     how many at once, from 1 on (1,2,4,8)
  --threads N       of one forward (all processors); embedded always has one
  --precision P     fp32, fp16, int8 (unless given, on cpu) or int4
  --device D        cpu (unless given), webgpu, cuda or wasm
  --tokens N        semantic tokens of a sentence at the small model's sizes (250, five seconds)
  --port N          where the edge listens for http (any free one)
  --small FOLDER    keep the random checkpoint there, 0.8 GB, or take the one that is there
  --embedded FOLDER another checkpoint that speaks
  --json            a line of JSON for every table
  --out FILE        append those lines to a file, too
  --report FILE     run nothing; print what such a file holds`;

export interface BenchOptions {
  readonly what: readonly string[];
  readonly peer: boolean;
  readonly quick: boolean;
  readonly python: string;
  readonly rounds: number;
  readonly modes: readonly LatencyMode[];
  readonly streams: readonly number[];
  readonly threads: number;
  readonly precision: Precision;
  readonly device: Device;
  readonly tokens: number;
  readonly port: number | null;
  readonly small: string | null;
  readonly embedded: string;
  readonly json: boolean;
  readonly out: string | null;
  readonly report: string | null;
}

const PRECISIONS: readonly Precision[] = ['fp32', 'fp16', 'int8', 'int4'];
const DEVICES: readonly Device[] = ['cpu', 'webgpu', 'cuda', 'wasm'];

/** Reads the arguments; null asks for help. Throws RangeError or TypeError with what is wrong with them. */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): BenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      what: { type: 'string', multiple: true, default: [] },
      peer: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      python: { type: 'string', default: env['BENCH_PYTHON'] ?? 'python3' },
      rounds: { type: 'string' },
      modes: { type: 'string', default: MODES.join(',') },
      streams: { type: 'string' },
      threads: { type: 'string', default: String(availableParallelism()) },
      precision: { type: 'string' },
      device: { type: 'string', default: 'cpu' },
      tokens: { type: 'string', default: '250' },
      port: { type: 'string' },
      small: { type: 'string' },
      embedded: { type: 'string', default: EMBEDDED },
      json: { type: 'boolean', default: false },
      out: { type: 'string' },
      report: { type: 'string' },
    },
  });
  if (values.help) return null;
  const { quick } = values;
  const device = oneOf('device', values.device, DEVICES);
  const streams = (values.streams ?? (quick ? '1,4' : '1,2,4,8')).split(',');
  const counts = streams.map((text) => count('streams', text, 64)).toSorted((a, b) => a - b);
  if (counts[0] !== 1)
    throw new RangeError('--streams must hold 1: the others are held against it.');
  return {
    what: values.what,
    peer: values.peer,
    quick,
    python: values.python,
    rounds: count('rounds', values.rounds ?? (quick ? '1' : '3'), 1_000),
    modes: values.modes.split(',').map((mode) => oneOf('modes', mode, MODES)),
    streams: counts,
    threads: count('threads', values.threads, 1_024),
    // eight bits are what the processor is meant to be used with
    precision: oneOf(
      'precision',
      values.precision ?? (device === 'cpu' ? 'int8' : 'fp32'),
      PRECISIONS,
    ),
    device,
    tokens: count('tokens', values.tokens, 768),
    port: values.port === undefined ? null : count('port', values.port, 65_535),
    small: values.small ?? null,
    embedded: values.embedded,
    json: values.json,
    out: values.out ?? null,
    report: values.report ?? null,
  };
}

function count(name: string, text: string, most: number): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new RangeError(`--${name} must be a whole number from 1 to ${most}, not ${text}.`);
}

function oneOf<Choice extends string>(
  name: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new RangeError(`--${name} knows ${choices.join(', ')}, not ${text}.`);
}
