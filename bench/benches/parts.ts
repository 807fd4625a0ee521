/**
 * The engine's single calls at the small model's sizes: a step, a prompt, a forward of the fine stage, a
 * second of sound. The first variant of each table is the control; all take turns.
 */
import { fineCodes } from '../../shared/bark/shapes.ts';
import { openCheckpoint, type Checkpoint } from '../../gpu-backend/checkpoint/checkpoint.ts';
import { openBarkModels, type LoadedModels } from '../../gpu-backend/models/bark-models.ts';
import type { ModelOptions, Precision } from '../../gpu-backend/models/options.ts';
import type {
  CausalModel,
  CodecModel,
  FineModel,
  Sequence,
} from '../../gpu-backend/pipeline/models.ts';
import type { Limits } from '../support/machine.ts';
import { alternate, type Measured, type Variant } from '../support/measure.ts';
import type { Setting } from '../support/setting.ts';
import type { Row, Table } from '../support/table.ts';
import { boundMs, causalWork, codecWork, fineWork, WEIGHT_BYTES } from '../support/work.ts';

/** Filled positions of a cache before the measured step. */
const PAST = 512;
/** A coarse window's prompt with a voice: 256 slots, the infer token, 630 ids of history. */
const PROMPT = 887;
const WINDOW = 1_024;
const ROWS = [1, 2, 4, 8];
const { signal } = new AbortController();

type Options = Omit<ModelOptions, 'threads'>;
type Rows = readonly (readonly [name: string, options: Options])[];

const NATIVE: Options = { precision: 'int8', attention: 'fused', decoder: 'native' };
const PLAIN: Options = { precision: 'fp32', attention: 'plain' };

/** Opens stages of the checkpoint as variants need them and closes them all in the end. */
class Stages {
  readonly #checkpoint: Checkpoint;
  readonly #threads: number;
  readonly #opened: LoadedModels[] = [];
  readonly limits: Limits;

  constructor(checkpoint: Checkpoint, threads: number, limits: Limits) {
    this.#checkpoint = checkpoint;
    this.#threads = threads;
    this.limits = limits;
  }

  get config(): Checkpoint['config'] {
    return this.#checkpoint.config;
  }

  async open(options: Options, threads = this.#threads): Promise<LoadedModels> {
    // offloading reads only the stage that is used
    const models = await openBarkModels(this.#checkpoint, { ...options, threads, offload: true });
    this.#opened.push(models);
    return models;
  }

  async release(): Promise<void> {
    for (const models of this.#opened) await models.release();
  }
}

async function withStages(
  { small, limits }: Setting,
  measure: (stages: Stages) => Promise<Table>,
): Promise<Table> {
  const { folder, threads } = await small();
  const checkpoint = await openCheckpoint(folder);
  const stages = new Stages(checkpoint, threads, await limits(threads));
  try {
    return await measure(stages);
  } finally {
    await stages.release();
    await checkpoint.tensors.close();
  }
}

function ids(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => (i * 37) % 10_000);
}

function msOf({ name, p50Ms, p95Ms, bestMs, timesFaster }: Measured): Row {
  return { '': name, 'p50 ms': p50Ms, 'p95 ms': p95Ms, 'best ms': bestMs, faster: timesFaster };
}

/** One step at about `PAST` positions; the sequence is begun anew when it has grown by a quarter. */
function stepper(name: string, { coarse }: LoadedModels): Variant {
  let sequence: Sequence | null = null;
  let steps = 0;
  return {
    name,
    async run() {
      if (sequence === null || steps > PAST / 4) {
        sequence?.close();
        sequence = coarse.open();
        steps = 0;
        await sequence.append([{ ids: ids(PAST) }], signal);
      }
      steps += 1;
      await sequence.append([{ ids: Int32Array.of(steps) }], signal);
    },
  };
}

export const decode = (setting: Setting): Promise<Table> =>
  withStages(setting, async (stages) => {
    const kinds: Rows = [
      ['fp32 plain', PLAIN],
      ['fp32 fused, C API', { ...NATIVE, precision: 'fp32' }],
      ['int8 fused, JavaScript binding', { ...NATIVE, decoder: 'stock' }],
      ['int8 fused, C API', NATIVE],
      ['int4 fused, C API', { ...NATIVE, precision: 'int4' }],
    ];
    const variants: Variant[] = [];
    for (const [name, options] of kinds) variants.push(stepper(name, await stages.open(options)));
    const measured = await alternate(variants, setting.rounds * 8);
    const bound = (precision: Precision): number =>
      boundMs(causalWork(stages.config.coarse, PAST, 1, WEIGHT_BYTES[precision]), stages.limits);
    const native = measured[kinds.findIndex(([, options]) => options === NATIVE)];
    return {
      what: 'decode',
      title: `One coarse step behind ${PAST} positions`,
      rows: measured.map((one, i) => ({
        ...msOf(one),
        'bound ms': bound(kinds[i]?.[1].precision ?? 'fp32'),
      })),
      ...(native === undefined ? {} : { reached: { decodeStepMs: native.p50Ms } }),
    };
  });

export const rows = (setting: Setting): Promise<Table> =>
  withStages(setting, async (stages) => {
    const { coarse } = await stages.open({ ...NATIVE, rows: Math.max(...ROWS) });
    const sequences = ROWS.flatMap((count) => Array.from({ length: count }, () => coarse.open()));
    // groups of their own, so that all have grown alike
    const groups = ROWS.map((count, i) => {
      const from = ROWS.slice(0, i).reduce((sum, other) => sum + other, 0);
      return sequences.slice(from, from + count);
    });
    for (const sequence of sequences) await sequence.append([{ ids: ids(PAST) }], signal);
    const measured = await alternate(
      groups.map((group) => ({
        name: String(group.length),
        run: async () => {
          await Promise.all(group.map((one) => one.append([{ ids: ids(1) }], signal)));
        },
      })),
      setting.rounds * 8,
    );
    for (const sequence of sequences) sequence.close();
    const times = measured.map(({ timesFaster }, i) => (ROWS[i] ?? 0) * timesFaster);
    return {
      what: 'rows',
      title: `One coarse step of each row behind ${PAST} and more positions, int8, C API`,
      rows: measured.map(({ p50Ms, p95Ms, bestMs }, i) => ({
        rows: ROWS[i] ?? 0,
        'p50 ms': p50Ms,
        'p95 ms': p95Ms,
        'best ms': bestMs,
        'ids a second': ((ROWS[i] ?? 0) * 1_000) / p50Ms,
        'of one row': times[i] ?? Number.NaN,
        'bound ms': rowsBound(stages, ROWS[i] ?? 1),
      })),
      reached: { rowsOf8: times.at(-1) ?? Number.NaN },
    };
  });

/** Rows share the weights, and each has a cache of its own. */
function rowsBound({ config, limits }: Stages, count: number): number {
  const one = causalWork(config.coarse, PAST, 1);
  const weights = causalWork(config.coarse, 0, 0).bytes;
  return boundMs(
    {
      matrixOperations: count * one.matrixOperations,
      floatOperations: count * one.floatOperations,
      bytes: weights + count * (one.bytes - weights),
    },
    limits,
  );
}

function prompter(name: string, model: CausalModel): Variant {
  return {
    name,
    async run() {
      const sequence = model.open();
      await sequence.append([{ ids: ids(PROMPT) }], signal);
      sequence.close();
    },
  };
}

export const prefill = (setting: Setting): Promise<Table> =>
  withStages(setting, async (stages) => {
    const kinds: Rows = [
      ['fp32 plain', PLAIN],
      ['fp32 fused, C API', { ...NATIVE, precision: 'fp32' }],
      ['int8 fused, C API', NATIVE],
    ];
    const variants: Variant[] = [];
    for (const [name, options] of kinds)
      variants.push(prompter(name, (await stages.open(options)).coarse));
    const work = causalWork(stages.config.coarse, 0, PROMPT);
    return {
      what: 'prefill',
      title: `A coarse window's prompt of ${PROMPT} positions, ${(work.matrixOperations / 1e9).toFixed(0)} G operations in matrices`,
      rows: (await alternate(variants, setting.rounds)).map((one) => ({
        ...msOf(one),
        'bound ms (int8)': boundMs(work, stages.limits),
      })),
    };
  });

export const fine = (setting: Setting): Promise<Table> =>
  withStages(setting, async (stages) => {
    const window = Int32Array.from({ length: 8 * WINDOW }, (_, i) => (i * 31) % 1_024);
    const variant = (name: string, model: FineModel, fromRow: number): Variant => ({
      name,
      run: async () => void (await model.forward(window, 3, fromRow, signal)),
    });
    const int8 = (await stages.open(NATIVE)).fine;
    const measured = await alternate(
      [
        variant('fp32 plain', (await stages.open(PLAIN)).fine, 0),
        variant('fp32 fused', (await stages.open({ ...NATIVE, precision: 'fp32' })).fine, 0),
        variant('int8 fused', int8, 0),
        variant('int8 fused, second half scored', int8, WINDOW / 2),
      ],
      setting.rounds,
    );
    const bound = (scored: number): number =>
      boundMs(fineWork(stages.config.fine, WINDOW, scored), stages.limits);
    return {
      what: 'fine',
      title: `One forward of the fine stage over ${WINDOW} frames, one of six a window`,
      rows: measured.map((one, i) => ({
        ...msOf(one),
        'bound ms (int8)': bound(i === measured.length - 1 ? WINDOW / 2 : WINDOW),
      })),
    };
  });

export const codec = (setting: Setting): Promise<Table> =>
  withStages(setting, async (stages) => {
    const codes = fineCodes(
      Int32Array.from({ length: 8 * 75 }, (_, i) => (i * 31) % 1_024),
      1_024,
    );
    const variant = (name: string, model: CodecModel): Variant => {
      const stream = model.open();
      return { name, run: async () => void (await stream.decode(codes, signal)) };
    };
    const measured = await alternate(
      [
        variant('1 thread', (await stages.open(NATIVE, 1)).codec),
        variant('2 threads', (await stages.open(NATIVE, 2)).codec),
      ],
      setting.rounds * 4,
    );
    return {
      what: 'codec',
      title: 'One second of sound, 75 frames in a running stream',
      rows: measured.map((one) => ({
        ...msOf(one),
        'times real time': 1_000 / one.p50Ms,
        'bound ms (all threads)': boundMs(codecWork(stages.config.codec, 75), stages.limits),
      })),
      reached: { codecTimesRealTime: 1_000 / (measured.at(-1)?.p50Ms ?? Number.NaN) },
    };
  });
