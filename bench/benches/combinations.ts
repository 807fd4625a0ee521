/** Memory and speed of every combination of precision, attention and offloading, each in a process of its own. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ModelOptions } from '../../gpu-backend/models/options.ts';
import type { Subject } from '../support/subject.ts';
import type { Row, Table } from '../support/table.ts';

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

export function combinations({ folder, kind }: Subject): Table {
  return {
    what: 'combinations',
    title: `Every combination in a process of its own: the ${kind} checkpoint loaded, each stage at work once; one run each`,
    rows: COMBINATIONS.map((options) => ({
      '': `${options.precision} ${options.attention}, ${options.decoder}${options.offload === true ? ', offload' : ''}`,
      ...run(folder, options),
    })),
  };
}

function run(folder: string, options: Omit<ModelOptions, 'threads'>): Row {
  const script = fileURLToPath(new URL('../support/one-combination.ts', import.meta.url));
  const child = spawnSync(
    process.execPath,
    ['--expose-gc', script, folder, JSON.stringify(options)],
    { encoding: 'utf8', maxBuffer: 1 << 20 },
  );
  if (child.status !== 0) throw new Error(`${JSON.stringify(options)} failed: ${child.stderr}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own script prints a row
  return JSON.parse(child.stdout) as Row;
}
