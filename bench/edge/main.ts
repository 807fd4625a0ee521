/**
 * What the edge costs, in the real runtime and without a model: `npm run bench:edge -- --help`. Against a Worker that only
 * pipes what the same backend sends. Linux, as it reads /proc.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { markdown, type Table } from '../support/table.ts';
import { formats } from './formats.ts';
import { kept } from './kept.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';

const USAGE = `npm run bench:edge -- [options]

  --what NAME       only this; more than once for several:
                      latency   first byte and gaps, beyond those of the control
                      kept      first byte of a sentence that was spoken before
                      memory    with slow readers
                      formats   CPU of each audio format
  --requests N      of each kind, for latency and kept (100)
  --readers N       for memory (200)
  --seconds N       that they read (20)
  --rounds N        for formats (7)
  --out FILE        the tables as JSON, too`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    what: { type: 'string', multiple: true, default: [] },
    requests: { type: 'string', default: '100' },
    readers: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '7' },
    out: { type: 'string' },
  },
});

const BENCHES: Readonly<Record<string, () => Promise<Table>>> = {
  latency: () => latency({ requests: count('requests') }),
  kept: () => kept({ requests: count('requests') }),
  memory: () => memory({ readers: count('readers'), seconds: count('seconds') }),
  formats: () => formats({ rounds: count('rounds') }),
};

function count(name: 'requests' | 'readers' | 'seconds' | 'rounds'): number {
  const text = values[name];
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new RangeError(`--${name} must be a whole number from 1 to 99999, not ${text}.`);
}

const tables: Table[] = [];

async function run(name: string): Promise<void> {
  const bench = BENCHES[name];
  if (bench === undefined) {
    throw new RangeError(`There is no ${name}; there are ${Object.keys(BENCHES).join(', ')}.`);
  }
  const before = load();
  const table = await bench();
  const { what, title, rows } = table;
  tables.push(table);
  if (values.out !== undefined) await writeFile(values.out, JSON.stringify(tables, null, 2));
  console.log(
    `## ${what}: ${title}\n\n${availableParallelism()} processors of ${cpus()[0]?.model.trim()}, Node ${process.version}, load ${before} before, ${load()} after\n\n${markdown(rows)}\n`,
  );
}

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

try {
  if (values.help) console.log(USAGE);
  else
    for (const name of values.what.length > 0 ? values.what : Object.keys(BENCHES)) await run(name);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
