/**
 * What each audio format costs the edge: CPU of the workerd process for a second of audio, against `pcm`, which is
 * the samples as they are. Linux, as it reads /proc. `node bench/formats.ts [--rounds 7] [--seconds 30] [--port 8799]`
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { quantile } from './support/quantile.ts';
import { markdown } from './support/table.ts';

const VARIANTS = [
  'format=pcm',
  'format=wav',
  'format=mulaw',
  'format=alaw',
  'format=flac',
  'format=mp3',
  'format=aac',
  'format=opus',
  'format=pcm&sample_rate=8000',
  'format=pcm&sample_rate=48000',
  'format=pcm&sample_rate=44100',
  'format=pcm&speed=0.5',
  'format=pcm&speed=1.25',
  'format=pcm&speed=2',
] as const;

/** Of the kernel's counters of CPU time. */
const MS_A_TICK = 10;
const START_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 120_000;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '30' },
    port: { type: 'string', default: '8799' },
  },
});
const seconds = Number(values.seconds);
const root = fileURLToPath(new URL('..', import.meta.url));
const url = `http://127.0.0.1:${values.port}`;

const edge = spawn(
  process.execPath,
  [
    '--env-file=scripts/support/wrangler.env',
    'node_modules/wrangler/bin/wrangler.js',
    'dev',
    '--config=bench/edge/wrangler.toml',
    `--port=${values.port}`,
    '--inspector-port=0',
    '--show-interactive-dev-session=false',
  ],
  { cwd: root, stdio: 'ignore', detached: true },
);

try {
  await answers();
  const pid = workerdOf(edge.pid ?? 0);
  const msBySecond = new Map<string, number[]>(VARIANTS.map((variant) => [variant, []]));
  const bytes = new Map<string, number>();
  for (let round = -1; round < Number(values.rounds); round += 1) {
    // the order turns round by round, so that drift of the machine hits all alike
    for (const variant of round % 2 === 0 ? VARIANTS : VARIANTS.toReversed()) {
      const before = cpuMs(pid);
      bytes.set(variant, await encode(variant));
      // the first round loads and warms up
      if (round >= 0) msBySecond.get(variant)?.push((cpuMs(pid) - before) / seconds);
    }
  }
  const control = quantile(msBySecond.get(VARIANTS[0]) ?? [], 0.5);
  console.log(
    `${cpus()[0]?.model}, ${availableParallelism()} processors, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}\n`,
  );
  console.log(
    markdown(
      VARIANTS.map((variant) => {
        const ms = msBySecond.get(variant) ?? [];
        return {
          variant,
          'CPU ms a second, p50': quantile(ms, 0.5),
          p95: quantile(ms, 0.95),
          'beyond pcm': quantile(ms, 0.5) - control,
          'kbit a second': (8 * (bytes.get(variant) ?? 0)) / seconds / 1_000,
        };
      }),
    ),
  );
} finally {
  if (edge.pid !== undefined) process.kill(-edge.pid, 'SIGTERM');
}

async function encode(variant: string): Promise<number> {
  const response = await fetch(`${url}/?${variant}&seconds=${seconds}`, {
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  const answer: unknown = await response.json();
  if (typeof answer === 'object' && answer !== null && 'bytes' in answer) {
    return Number(answer.bytes);
  }
  throw new Error(`The Worker did not encode ${variant}.`);
}

async function answers(): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await encode('format=pcm');
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}

interface ProcessStat {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  readonly ticks: number;
}

/** proc(5): after the name in brackets come the state, the parent, and from the fourteenth field on CPU times. */
function statOf(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = text.lastIndexOf(')');
    const fields = text.slice(end + 2).split(' ');
    return {
      pid,
      name: text.slice(text.indexOf('(') + 1, end),
      parent: Number(fields[1]),
      ticks: Number(fields[11]) + Number(fields[12]),
    };
  } catch {
    // it has ended meanwhile
    return null;
  }
}

function cpuMs(pid: number): number {
  return MS_A_TICK * (statOf(pid)?.ticks ?? Number.NaN);
}

/** The workerd below a process that has used the most CPU: the one that runs the Worker. */
function workerdOf(ancestor: number): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat !== null);
  const isBelow = (stat: ProcessStat | undefined): boolean =>
    stat !== undefined &&
    (stat.parent === ancestor || isBelow(all.find(({ pid }) => pid === stat.parent)));
  const [busiest] = all
    .filter((stat) => stat.name === 'workerd' && isBelow(stat))
    .toSorted((a, b) => b.ticks - a.ticks);
  if (busiest === undefined) throw new Error('No workerd was started.');
  return busiest.pid;
}
