/** Whole forwards at the small model's sizes: a coarse prompt, a window of the fine stage, a second of sound. */
import { fineCodes } from '../../shared/bark/shapes.ts';
import type { CodecModel } from '../../shared/codec/codec-model.ts';
import type { CausalModel, FineModel } from '../../gpu-backend/pipeline/models.ts';
import { alternate, measuredRow, type Variant } from '../support/measure.ts';
import type { Setting } from '../support/setting.ts';
import { NATIVE, PLAIN, withStages, type Kinds } from '../support/stages.ts';
import type { Table } from '../support/table.ts';
import { boundMs, causalWork, codecWork, fineWork } from '../support/work.ts';

/** A coarse window's prompt with a voice: 256 slots, the infer token, 630 ids of history. */
const PROMPT = 887;
const WINDOW = 1_024;
/** Frames of a second. */
const SECOND = 75;
const VARIANTS: Kinds = [
  ['fp32 plain', PLAIN],
  ['fp32 fused', { precision: 'fp32', ...NATIVE }],
  ['int8 fused', { precision: 'int8', ...NATIVE }],
];
const { signal } = new AbortController();

export const prefill = (setting: Setting): Promise<Table> =>
  withStages(setting, async (stages) => {
    const variants: Variant[] = [];
    for (const [name, options] of stages.kinds(VARIANTS))
      variants.push(prompter(name, (await stages.open(options)).coarse, stages.ids(PROMPT)));
    const work = causalWork(stages.config.coarse, 0, PROMPT);
    return {
      what: 'prefill',
      title: `A coarse window's prompt of ${PROMPT} positions, ${(work.matrixOperations / 1e9).toFixed(0)} G operations in matrices`,
      rows: (await alternate(variants, setting.rounds)).map((one) => ({
        ...measuredRow(one),
        'bound ms (int8)': boundMs(work, stages.limits),
      })),
    };
  });

function prompter(name: string, model: CausalModel, ids: Int32Array): Variant {
  return {
    name,
    async run() {
      const sequence = model.open();
      await sequence.append([{ ids }], signal);
      sequence.close();
    },
  };
}

export const fine = (setting: Setting): Promise<Table> =>
  withStages(setting, async (stages) => {
    const window = stages.ids(8 * WINDOW).map((id) => id % 1_024);
    const variant = (name: string, model: FineModel, fromRow: number): Variant => ({
      name,
      run: async () => void (await model.forward(window, 3, fromRow, signal)),
    });
    const variants: Variant[] = [];
    for (const [name, options] of stages.kinds(VARIANTS))
      variants.push(variant(name, (await stages.open(options)).fine, 0));
    const served = (await stages.open(stages.served)).fine;
    const half = variant(`${stages.servedName}, second half scored`, served, WINDOW / 2);
    const measured = await alternate([...variants, half], setting.rounds);
    return {
      what: 'fine',
      title: `One forward of the fine stage over ${WINDOW} frames, one of six a window`,
      rows: measured.map((one, i) => ({
        ...measuredRow(one),
        'bound ms (int8)': boundMs(
          fineWork(stages.config.fine, WINDOW, i < variants.length ? WINDOW : WINDOW / 2),
          stages.limits,
        ),
      })),
    };
  });

export const codec = (setting: Setting): Promise<Table> =>
  withStages(setting, async (stages) => {
    const codes = fineCodes(
      stages.ids(8 * SECOND).map((id) => id % 1_024),
      1_024,
    );
    const variant = (name: string, model: CodecModel): Variant => {
      const stream = model.open();
      return { name, run: async () => void (await stream.decode(codes, signal)) };
    };
    const measured = await alternate(
      [
        variant('1 thread', (await stages.open(stages.served, 1)).codec),
        variant('2 threads', (await stages.open(stages.served, 2)).codec),
      ],
      setting.rounds * 4,
    );
    return {
      what: 'codec',
      title: `One second of sound, ${SECOND} frames in a running stream`,
      rows: measured.map((one) => ({
        ...measuredRow(one),
        'times real time': 1_000 / one.p50Ms,
        'bound ms (all threads)': boundMs(codecWork(stages.config.codec, SECOND), stages.limits),
      })),
      reached: { codecTimesRealTime: 1_000 / (measured.at(-1)?.p50Ms ?? Number.NaN) },
    };
  });
