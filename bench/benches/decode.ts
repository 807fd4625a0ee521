/** One step of the coarse stage at the small model's sizes: by variant of the engine, and by rows that step together. */
import type { Sequence } from '../../gpu-backend/pipeline/models.ts';
import { alternate, measuredRow, type Variant } from '../support/measure.ts';
import type { Setting } from '../support/setting.ts';
import { NATIVE, PLAIN, withStages, type StageOptions, type Stages } from '../support/stages.ts';
import type { Table } from '../support/table.ts';
import { boundMs, causalWork, together, WEIGHT_BYTES } from '../support/work.ts';

/** Filled positions of a cache before the measured step. */
const PAST = 512;
const ROWS = [1, 2, 4, 8];
const { signal } = new AbortController();

export const decode = (setting: Setting): Promise<Table> =>
  withStages(setting, async (stages) => {
    const kinds = stages.kinds([
      ['fp32 plain', PLAIN],
      ['fp32 fused, C API', { precision: 'fp32', ...NATIVE }],
      [
        'int8 fused, JavaScript binding',
        { precision: 'int8', attention: 'fused', decoder: 'stock' },
      ],
      ['int8 fused, C API', { precision: 'int8', ...NATIVE }],
      ['int4 fused, C API', { precision: 'int4', ...NATIVE }],
    ]);
    const variants: Variant[] = [];
    for (const [name, options] of kinds) variants.push(await stepper(name, stages, options));
    const measured = await alternate(variants, setting.rounds * 8);
    const eightBit = measured.find(({ name }) => name === 'int8 fused, C API');
    return {
      what: 'decode',
      title: `One coarse step behind ${PAST} positions`,
      rows: measured.map((one, i) => ({
        ...measuredRow(one),
        'bound ms': boundMs(
          causalWork(
            stages.config.coarse,
            PAST,
            1,
            WEIGHT_BYTES[kinds[i]?.[1].precision ?? 'fp32'],
          ),
          stages.limits,
        ),
      })),
      ...(eightBit === undefined ? {} : { reached: { decodeStepMs: eightBit.p50Ms } }),
    };
  });

/** One step at about `PAST` positions; the sequence is begun anew when it has grown by a quarter. */
async function stepper(name: string, stages: Stages, options: StageOptions): Promise<Variant> {
  const { coarse } = await stages.open(options);
  let sequence: Sequence | null = null;
  let steps = 0;
  return {
    name,
    async run() {
      if (sequence === null || steps > PAST / 4) {
        sequence?.close();
        sequence = coarse.open();
        steps = 0;
        await sequence.append([{ ids: stages.ids(PAST) }], signal);
      }
      steps += 1;
      await sequence.append([{ ids: Int32Array.of(steps) }], signal);
    },
  };
}

export const rows = (setting: Setting): Promise<Table> =>
  withStages(setting, async (stages) => {
    const { coarse } = await stages.open({
      ...stages.served,
      rows: Math.max(...ROWS),
    });
    const sequences = ROWS.flatMap((count) => Array.from({ length: count }, () => coarse.open()));
    // groups of their own, so that all have grown alike
    const groups = ROWS.map((count, i) => {
      const from = ROWS.slice(0, i).reduce((sum, other) => sum + other, 0);
      return sequences.slice(from, from + count);
    });
    // the largest group first: it then has a cache to itself, as the sequences of a server have
    for (const sequence of sequences.toReversed()) {
      await sequence.append([{ ids: stages.ids(PAST) }], signal);
    }
    const measured = await alternate(
      groups.map((group) => ({
        name: String(group.length),
        run: async () => {
          await Promise.all(group.map((one) => one.append([{ ids: stages.ids(1) }], signal)));
        },
      })),
      setting.rounds * 8,
    );
    for (const sequence of sequences) sequence.close();
    const times = measured.map(({ timesFaster }, i) => (ROWS[i] ?? 0) * timesFaster);
    return {
      what: 'rows',
      title: `One coarse step of each row behind ${PAST} and more positions, ${stages.servedName}`,
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
  return boundMs(together(causalWork(config.coarse, PAST, 1), count), limits);
}
