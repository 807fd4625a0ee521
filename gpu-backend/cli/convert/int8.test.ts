/** A folder in int8 is what the engine makes of its source in int8, to the bit. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fineCodes } from '#shared/bark/shapes.ts';
import { openCheckpoint } from '../../checkpoint/checkpoint.ts';
import { openBarkModels } from '../../models/bark-models.ts';
import type { Precision } from '../../models/options.ts';
import { inspectCheckpoint } from '../inspect/inspect-checkpoint.ts';
import { convertCheckpoint } from './convert-checkpoint.ts';
import type { StoredPrecision } from './tensor-plan.ts';

const MODELS = join(import.meta.dirname, '../../../models');
const TINY = join(MODELS, 'bark-tiny');
const { signal } = new AbortController();

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'int8-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function convert(from: string, name: string, precision: StoredPrecision): Promise<string> {
  const to = join(root, name);
  const order = { from, to, precision, inferenceOnly: true, onBytes: () => {} };
  await convertCheckpoint(order, signal);
  return to;
}

/** What all four models answer; precision is the folder's own unless told. */
async function answers(folder: string, precision?: Precision, offload = false) {
  const checkpoint = await openCheckpoint(folder);
  const models = await openBarkModels(checkpoint, {
    threads: 1,
    attention: 'fused',
    offload,
    ...(precision && { precision }),
  });
  try {
    const { semantic, coarse, fine, codec } = models;
    const [first, second] = [semantic.open(), coarse.open()];
    const ids = Int32Array.from({ length: 40 }, (_, i) => (i * 7) % 90);
    const window = Int32Array.from({ length: 8 * 32 }, (_, i) => i % 90);
    const given = [
      (await first.append([{ ids }], signal)).slice(),
      (await first.append([{ ids: ids.subarray(1, 2) }], signal)).slice(),
      (await second.append([{ ids }], signal)).slice(),
      (await fine.forward(window, 3, 0, signal)).slice(),
    ];
    first.close();
    second.close();
    const decoder = codec.open();
    const samples = await decoder.decode(fineCodes(new Int32Array(8 * 4).fill(5), 1_024), signal);
    decoder.close();
    return [...given, samples.slice()];
  } finally {
    await models.release();
    await checkpoint.tensors.close();
  }
}

describe.each(['bark-tiny', 'bark-nano'])('%s', (name) => {
  test('answers as its source does in int8, by itself', async () => {
    const source = join(MODELS, name);
    expect(await answers(await convert(source, 'int8', 'int8'))).toEqual(
      await answers(source, 'int8'),
    );
  });
});

test('converted again it is the same, whether from its own eight bits or from its source', async () => {
  const once = await convert(TINY, 'once', 'int8');
  const twice = await convert(once, 'twice', 'int8');
  for (const file of ['model.safetensors', 'config.json']) {
    const [a, b] = [await readFile(join(once, file)), await readFile(join(twice, file))];
    expect(a.equals(b)).toBe(true);
  }
});

test('offloaded it is read straight, too', async () => {
  const folder = await convert(TINY, 'int8', 'int8');
  expect(await answers(folder, undefined, true)).toEqual(await answers(folder));
});

test('in fp32 it computes with the rounded numbers, as a float folder made of it does', async () => {
  const rounded = await convert(TINY, 'int8', 'int8');
  const floats = await convert(rounded, 'fp32', 'fp32');
  expect(await answers(rounded, 'fp32')).toEqual(await answers(floats));
  expect(JSON.parse(await readFile(join(floats, 'config.json'), 'utf8'))).not.toHaveProperty(
    'quantization_config',
  );
});

test('an inspection tells of eight bits, and counts numbers, not scales', async () => {
  const folder = await convert(TINY, 'int8', 'int8');
  const [before, after] = [
    await inspectCheckpoint(TINY, signal),
    await inspectCheckpoint(folder, signal),
  ];
  expect(after.faults).toEqual([]);
  for (const [i, { stage, parameters, precision, bytes }] of after.stages.entries()) {
    expect(precision).toEqual(stage === 'codec' ? ['F16'] : ['F16', 'I8']);
    expect(parameters).toBe(before.stages[i]?.parameters);
    if (stage !== 'codec') expect(bytes).toBeLessThan(before.stages[i]?.bytes ?? 0);
  }
});

test.each([
  [{ quant_method: 'bitsandbytes' }, /quant_method is supported only as "compressed-tensors"/],
  [{ format: 'pack-quantized' }, /format is supported only as "int-quantized"/],
  [{ config_groups: { group_0: { weights: { num_bits: 4 } } } }, /num_bits is supported only as 8/],
  [
    { config_groups: { group_0: { weights: { strategy: 'group' } } } },
    /strategy is supported only as "channel"/,
  ],
])('a checkpoint that others rounded in another way is refused: %j', async (other, message) => {
  const folder = await convert(TINY, 'int8', 'int8');
  const path = join(folder, 'config.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as { quantization_config: object };
  Object.assign(config.quantization_config, other);
  await writeFile(path, JSON.stringify(config));
  await expect(openCheckpoint(folder)).rejects.toThrow(message);
});
