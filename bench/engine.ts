/**
 * The engine at the small model's sizes, with random weights made on the spot:
 * `node bench/engine.ts [--json] [--rounds N] [--what decode|prefill|fine|codec|rows|memory]`.
 * The first variant of each table is the control, fp32 in plain operators; all take turns.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fineCodes } from '../shared/bark/shapes.ts';
import { openCheckpoint } from '../gpu-backend/checkpoint/checkpoint.ts';
import { readCodecDecoder } from '../gpu-backend/checkpoint/weights.ts';
import { openCausalModel } from '../gpu-backend/models/causal-model.ts';
import { openCodecModel } from '../gpu-backend/models/codec-model.ts';
import { openFineModel } from '../gpu-backend/models/fine-model.ts';
import { FusedFineModel } from '../gpu-backend/models/fused-fine-model.ts';
import {
  loadFusedFine,
  loadNativeCausal,
  loadStockCausal,
} from '../gpu-backend/models/load-stages.ts';
import { NativeCausalModel } from '../gpu-backend/models/native-causal-model.ts';
import type { ModelOptions, Precision } from '../gpu-backend/models/options.ts';
import { ortLibrary } from '../gpu-backend/models/ort-api/library.ts';
import { StageKeeper } from '../gpu-backend/models/stage-keeper.ts';
import { StockCausalModel } from '../gpu-backend/models/stock-causal-model.ts';
import type { CausalModel, FineModel, Sequence } from '../gpu-backend/pipeline/models.ts';
import { alternate, describeMachine, type Measured, type Variant } from './support/measure.ts';
import { randomCausal, randomFine } from './support/random-weights.ts';
import { writeRandomCheckpoint } from './support/random-checkpoint.ts';
import { COARSE, FINE, matrixOperations, stepWeights } from './support/sizes.ts';

const THREADS = 2;
/** Filled positions of a cache before the measured step. */
const PAST = 512;
const { signal } = new AbortController();

interface Table {
  readonly what: string;
  readonly unit: string;
  readonly rows: readonly (Measured | Readonly<Record<string, unknown>>)[];
  /** What no implementation can beat on this machine, and how it is reckoned. */
  readonly bound?: string;
}

async function causal(
  kind: 'plain' | 'native' | 'stock',
  precision: Precision,
): Promise<CausalModel> {
  const weights = randomCausal(COARSE, 1);
  const options = { threads: THREADS, precision };
  if (kind === 'plain') return await openCausalModel('coarse', COARSE, weights, options);
  const keeper = new StageKeeper(false);
  if (kind === 'stock') {
    const stage = await keeper.add(() => loadStockCausal('coarse', COARSE, weights, options));
    return new StockCausalModel(COARSE, stage);
  }
  const library = ortLibrary();
  const load = async () => loadNativeCausal(library, 'coarse', COARSE, weights, options);
  return await NativeCausalModel.create(library, COARSE, 8, load, keeper);
}

function ids(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => (i * 37) % 12_000);
}

/** One step at about `PAST` positions; the sequence is begun anew when it has grown by a quarter. */
function stepper(name: string, model: CausalModel): Variant {
  let sequence: Sequence | null = null;
  let steps = 0;
  return {
    name,
    async run() {
      if (sequence === null || steps > PAST / 4) {
        sequence?.close();
        sequence = model.open();
        steps = 0;
        await sequence.append([{ ids: ids(PAST) }], signal);
      }
      steps += 1;
      await sequence.append([{ ids: Int32Array.of(steps) }], signal);
    },
  };
}

async function decode(rounds: number, bytesPerSecond: number): Promise<Table> {
  const variants = [
    stepper('fp32 plain', await causal('plain', 'fp32')),
    stepper('fp32 fused native', await causal('native', 'fp32')),
    stepper('int8 fused stock', await causal('stock', 'int8')),
    stepper('int8 fused native', await causal('native', 'int8')),
    stepper('int4 fused native', await causal('native', 'int4')),
  ];
  const cacheBytes = 2 * COARSE.layers * PAST * COARSE.hiddenSize * 4;
  const boundMs = (bytesPerWeight: number): string =>
    (((stepWeights(COARSE) * bytesPerWeight + cacheBytes) * 1_000) / bytesPerSecond).toFixed(1);
  return {
    what: 'decode',
    unit: `one position behind ${PAST}`,
    rows: await alternate(variants, rounds * 4),
    bound: `weights and cache read once at the speed one thread copies now: ${boundMs(4)} ms fp32, ${boundMs(1.06)} ms int8, ${boundMs(0.63)} ms int4`,
  };
}

function prompter(name: string, model: CausalModel): Variant {
  return {
    name,
    async run() {
      const sequence = model.open();
      await sequence.append([{ ids: ids(887) }], signal);
      sequence.close();
    },
  };
}

async function prefill(rounds: number): Promise<Table> {
  return {
    what: 'prefill',
    unit: '887 positions',
    rows: await alternate(
      [
        prompter('fp32 plain', await causal('plain', 'fp32')),
        prompter('fp32 fused native', await causal('native', 'fp32')),
        prompter('int8 fused stock', await causal('stock', 'int8')),
        prompter('int8 fused native', await causal('native', 'int8')),
      ],
      rounds,
    ),
    bound: `${(matrixOperations(COARSE, 887, 1) / 1e9).toFixed(0)} GFLOP in matrices`,
  };
}

async function fine(rounds: number): Promise<Table> {
  const window = Int32Array.from({ length: 8_192 }, (_, i) => (i * 31) % 1_024);
  const weights = randomFine(FINE, 2);
  const fused = async (precision: Precision): Promise<FineModel> =>
    new FusedFineModel(
      FINE,
      await new StageKeeper(false).add(() =>
        loadFusedFine(FINE, weights, { threads: THREADS, precision }),
      ),
    );
  const variant = (name: string, model: FineModel, fromRow: number): Variant => ({
    name,
    run: async () => void (await model.forward(window, 3, fromRow, signal)),
  });
  const int8 = await fused('int8');
  return {
    what: 'fine',
    unit: 'one forward of 1 024 frames, one of six a window',
    rows: await alternate(
      [
        variant('fp32 plain', await openFineModel(FINE, weights, { threads: THREADS }), 0),
        variant('fp32 fused', await fused('fp32'), 0),
        variant('int8 fused', int8, 0),
        variant('int8 fused, second half scored', int8, 512),
      ],
      rounds,
    ),
    bound: `${(matrixOperations(FINE, 1_024, 1_024) / 1e9).toFixed(0)} GFLOP in matrices`,
  };
}

async function codec(rounds: number): Promise<Table> {
  const folder = await mkdtemp(join(tmpdir(), 'bark-bench-'));
  try {
    await writeRandomCheckpoint(folder);
    const { tensors, config } = await openCheckpoint(folder);
    const weights = await readCodecDecoder(tensors, config.codec, 8);
    await tensors.close();
    const model = await openCodecModel(weights, { threads: THREADS });
    const single = await openCodecModel(weights, { threads: 1 });
    const codes = fineCodes(
      Int32Array.from({ length: 600 }, (_, i) => (i * 31) % 1_024),
      1_024,
    );
    const [stream, other] = [model.open(), single.open()];
    const measured = await alternate(
      [
        { name: '1 thread', run: async () => void (await other.decode(codes, signal)) },
        { name: '2 threads', run: async () => void (await stream.decode(codes, signal)) },
      ],
      rounds * 4,
    );
    return {
      what: 'codec',
      unit: 'one second of sound, 75 frames in a running stream; 1 000 ms is real time',
      rows: measured.map((row) => ({ ...row, timesRealTime: 1_000 / row.p50Ms })),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function rows(rounds: number): Promise<Table> {
  const model = await causal('native', 'int8');
  const sequences = Array.from({ length: 8 }, () => model.open());
  for (const sequence of sequences) await sequence.append([{ ids: ids(PAST) }], signal);
  const counts = [1, 2, 4, 8];
  const measured = await alternate(
    counts.map((count) => ({
      name: `${count} rows`,
      run: async () => {
        const group = sequences.slice(0, count);
        await Promise.all(group.map((one) => one.append([{ ids: ids(1) }], signal)));
      },
    })),
    rounds * 4,
  );
  for (const sequence of sequences) sequence.close();
  return {
    what: 'rows',
    unit: `one position of each row behind ${PAST} and more, int8 native`,
    rows: measured.map((row, i) => ({
      ...row,
      idsPerSecond: ((counts[i] ?? 0) * 1_000) / row.p50Ms,
      throughputOfOne: (counts[i] ?? 0) * row.timesFaster,
    })),
  };
}

const COMBINATIONS: readonly Omit<ModelOptions, 'threads'>[] = (
  [
    ['fp32', 'plain', 'auto'],
    ['fp32', 'fused', 'native'],
    ['fp16', 'fused', 'native'],
    ['int8', 'fused', 'native'],
    ['int8', 'fused', 'stock'],
    ['int4', 'fused', 'native'],
  ] as const
).flatMap(([precision, attention, decoder]) =>
  [false, true].map((offload) => ({ precision, attention, decoder, offload })),
);

/** Every combination in a process of its own. */
async function memory(): Promise<Table> {
  const folder = await mkdtemp(join(tmpdir(), 'bark-bench-'));
  const script = fileURLToPath(new URL('./support/one-combination.ts', import.meta.url));
  try {
    await writeRandomCheckpoint(folder);
    const measured = COMBINATIONS.map((options) => {
      const child = spawnSync(
        process.execPath,
        ['--expose-gc', script, folder, JSON.stringify(options)],
        { encoding: 'utf8', maxBuffer: 1 << 20 },
      );
      if (child.status !== 0) throw new Error(`${JSON.stringify(options)} failed: ${child.stderr}`);
      const figures: unknown = JSON.parse(child.stdout);
      return { ...options, ...(typeof figures === 'object' ? figures : {}) };
    });
    return { what: 'memory', unit: 'MB resident, ms', rows: measured };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    what: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '8' },
  },
});
const machine = describeMachine();
const rounds = Number(values.rounds);
const benches: Record<string, () => Promise<Table>> = {
  decode: () => decode(rounds, machine.readBytesPerSecond),
  prefill: () => prefill(rounds),
  fine: () => fine(rounds),
  codec: () => codec(rounds),
  rows: () => rows(rounds),
  memory,
};
const print = (text: string): void => void process.stdout.write(`${text}\n`);
if (!values.json) print(JSON.stringify(machine));
for (const name of values.what ?? Object.keys(benches)) {
  const bench = benches[name];
  if (bench === undefined) {
    print(`There is no bench ${name}; there are ${Object.keys(benches).join(', ')}.`);
    process.exitCode = 2;
    break;
  }
  const table = await bench();
  if (values.json) print(JSON.stringify({ machine, ...table }));
  else
    print(
      [`${table.what}: ${table.unit}`, table.bound ?? '', ...table.rows.map(rowText)].join('\n'),
    );
}

function rowText(row: object): string {
  return Object.entries(row)
    .map(([key, value]) =>
      typeof value === 'number' ? `${key} ${value.toFixed(2)}` : String(value),
    )
    .join('  ');
}
