/**
 * What speech costs: `npm run bench -- --help`. Every table has its unit and the shortest time that this
 * machine could need; the last one holds the figures against what is asked of the engine.
 */
import { randomUUID } from 'node:crypto';
import { appendFile, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { combinations } from './benches/combinations.ts';
import { decode, rows } from './benches/decode.ts';
import { http } from './benches/http.ts';
import { modes } from './benches/modes.ts';
import { codec, fine, prefill } from './benches/forwards.ts';
import { againstPeer } from './benches/peer.ts';
import { shared } from './benches/shared.ts';
import { streams } from './benches/streams.ts';
import { verdicts } from './support/bars.ts';
import { describeMachine, load, limitsMeter } from './support/machine.ts';
import { readOptions, USAGE, type BenchOptions } from './support/options.ts';
import { readResult, resultText, type Result } from './support/result.ts';
import type { Setting } from './support/setting.ts';
import { smallCheckpoint, type Subject } from './support/subject.ts';
import { markdown, type Table } from './support/table.ts';

type Bench = (setting: Setting) => Promise<Table> | Table;

const BENCHES: Readonly<Record<string, Bench>> = {
  decode,
  rows,
  prefill,
  fine,
  codec,
  small: async (setting) => streams(await setting.small(), setting),
  embedded: (setting) => streams(setting.embedded, setting),
  http: (setting) => http(setting.embedded, setting),
  modes,
  shared: async (setting) => shared(await setting.small(), setting),
  combinations: async (setting) => combinations(await setting.small()),
  peer: async (setting) => againstPeer(await setting.small(), setting),
};
const QUICK = ['rows', 'codec', 'embedded'];

const print = (text: string): void => void process.stdout.write(`${text}\n`);

function chosen({ what, quick, peer }: BenchOptions): [string, Bench][] {
  const withoutPeer = Object.keys(BENCHES).filter((name) => name !== 'peer');
  const named = what.length > 0 ? what : quick ? QUICK : withoutPeer;
  const names = new Set(peer ? [...named, 'peer'] : named);
  return [...names].map((name) => {
    const bench = BENCHES[name];
    if (bench !== undefined) return [name, bench];
    throw new RangeError(
      `There is no bench ${name}; there are ${Object.keys(BENCHES).join(', ')}.`,
    );
  });
}

async function runAll(options: BenchOptions): Promise<void> {
  const { threads, precision, device, tokens, json, out } = options;
  const benches = chosen(options);
  const machine = describeMachine();
  const folder = options.small ?? join(tmpdir(), `bark-bench-${randomUUID()}`);
  const small: Subject = { kind: 'small', folder, threads, precision, device, tokens };
  const results: Result[] = [];
  try {
    for (const [name, bench] of benches) {
      // the machine may change from one bench to the next
      const limits = limitsMeter();
      const loadBefore = load();
      const startMs = performance.now();
      const table = await bench({
        ...options,
        limits: limits.of,
        embedded: {
          ...small,
          kind: 'embedded',
          folder: options.embedded,
          threads: 1,
          tokens: null,
        },
        small: async () => {
          await smallCheckpoint(folder);
          return small;
        },
      });
      const result: Result = {
        ...table,
        // what is asked of the engine is asked of the processor
        reached: device === 'cpu' ? (table.reached ?? {}) : {},
        what: name,
        machine,
        limits: limits.measured,
        load: [loadBefore, load()],
        seconds: Math.round((performance.now() - startMs) / 1_000),
        arguments: process.argv.slice(2).join(' '),
      };
      results.push(result);
      const line = JSON.stringify(result);
      if (out !== null) await appendFile(out, `${line}\n`);
      print(json ? line : `${resultText(result)}\n`);
    }
  } finally {
    if (options.small === null) await rm(folder, { recursive: true, force: true });
  }
  if (!json) printVerdicts(results);
}

/** The newest figure of each bar counts. */
function printVerdicts(results: readonly Result[]): void {
  const reached = Object.assign({}, ...results.map((result) => result.reached ?? {}));
  print(`## Bars\n\n${markdown(verdicts(reached))}`);
}

async function report(file: string): Promise<void> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  const results = lines.map(readResult);
  for (const result of results) print(`${resultText(result)}\n`);
  printVerdicts(results);
}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === null) print(USAGE);
  else if (options.report === null) await runAll(options);
  else await report(options.report);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
