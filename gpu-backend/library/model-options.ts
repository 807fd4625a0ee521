/** Refuses options of `BarkModel.fromPretrained` that mean nothing, by name. */
import type { ModelOptions } from '../models/options.ts';
import { OrtApiUnavailable } from '../models/ort-api/library.ts';
import { DeviceUnavailable } from '../models/providers/provider.ts';
import { assertFields, described, fieldsOf } from './arguments.ts';
import { BarkError } from './bark-error.ts';

type Check = readonly [isFine: (value: unknown) => boolean, wanted: string];

/** What each option may be; the type keeps the list whole. */
const MAY_BE: Readonly<Record<keyof ModelOptions, Check>> = {
  threads: within(1, 1_024),
  precision: oneOf('auto', 'fp32', 'fp16', 'int8', 'int4'),
  device: oneOf('cpu', 'webgpu', 'cuda', 'wasm'),
  attention: oneOf('plain', 'fused', 'fastest'),
  offload: [(value) => typeof value === 'boolean', 'true or false'],
  decoder: oneOf('auto', 'native', 'stock'),
  rows: within(1, 256),
  onWarning: [(value) => typeof value === 'function', 'a function'],
};

const NOTHING: Check = [() => true, ''];

/** The same, read once; throws BarkError for a name that is not known or a value that it can not have. */
export function modelOptions(options: Partial<ModelOptions>): Partial<ModelOptions> {
  const given = fieldsOf('options', options);
  assertFields('fromPretrained', given, Object.keys(MAY_BE));
  const checks = new Map(Object.entries(MAY_BE));
  for (const [name, value] of Object.entries(given)) {
    const [isFine, wanted] = checks.get(name) ?? NOTHING;
    if (value === undefined || isFine(value)) continue;
    throw new BarkError(`${name} must be ${wanted}; it is ${described(value)}.`, 'ValueError');
  }
  const { precision = 'fp32', attention } = given;
  if (attention === 'plain' && precision !== 'fp32' && precision !== 'auto') {
    throw new BarkError(
      `Plain attention exists in fp32 alone, not in ${precision}; leave attention out, or set it to "fused".`,
      'ValueError',
    );
  }
  return given;
}

/** Throws what opening the models threw; where the machine lacks what was asked for, as BarkError. */
export function unavailable(cause: unknown): never {
  const isMissing =
    cause instanceof RangeError ||
    cause instanceof DeviceUnavailable ||
    cause instanceof OrtApiUnavailable;
  throw isMissing ? new BarkError(cause.message, null, cause) : cause;
}

function within(least: number, most: number): Check {
  return [
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    `an integer in ${least}..${most}`,
  ];
}

function oneOf(...values: readonly string[]): Check {
  return [
    (value) => typeof value === 'string' && values.includes(value),
    `one of ${values.join(', ')}`,
  ];
}
