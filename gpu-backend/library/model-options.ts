/** Refuses options of `BarkModel.fromPretrained` that mean nothing, by name. */
import type { ModelOptions } from '../models/options.ts';
import { BarkError } from './bark-error.ts';

/** What each option may be; the type keeps the list whole. */
const MAY_BE: Readonly<Record<keyof ModelOptions, (value: unknown) => boolean>> = {
  threads: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1_024,
  precision: oneOf('fp32', 'fp16', 'int8', 'int4'),
  attention: oneOf('plain', 'fused'),
  offload: (value) => typeof value === 'boolean',
  decoder: oneOf('auto', 'native', 'stock'),
  rows: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 256,
  onWarning: (value) => typeof value === 'function',
};

/** Throws BarkError for a name that is not known or a value that it can not have. */
export function assertModelOptions(options: Partial<ModelOptions>): void {
  const checks = new Map<string, (value: unknown) => boolean>(Object.entries(MAY_BE));
  for (const [name, value] of Object.entries(options)) {
    const mayBe = checks.get(name);
    if (mayBe === undefined) {
      throw new BarkError(
        `${name} is no option of fromPretrained; there are ${[...checks.keys()].join(', ')}.`,
        'TypeError',
      );
    }
    if (value !== undefined && !mayBe(value)) {
      throw new BarkError(`${name} can not have that value; see ModelOptions.`, 'ValueError');
    }
  }
}

function oneOf(...values: readonly string[]): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && values.includes(value);
}
