/** Every device against the processor: the same tokens, and sound within rounding. What is missing here is skipped aloud. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fineCodes } from '#shared/bark/shapes.ts';
import { openCheckpoint } from '../../checkpoint/checkpoint.ts';
import { philoxRandomness } from '../../pipeline/randomness.ts';
import { argmax } from '../../pipeline/sampling.ts';
import { openBarkModels, type LoadedModels } from '../bark-models.ts';
import type { Device, ModelOptions } from '../options.ts';
import { openProvider } from './open-provider.ts';
import { DeviceUnavailable } from './provider.ts';

const TINY = fileURLToPath(new URL('../../../models/bark-tiny', import.meta.url));
const { signal } = new AbortController();
const draw = philoxRandomness(11)('fine', 0);
/** A software GPU compiles its kernels when they are first run. */
const COMPILING_MS = 240_000;

async function open(options: Omit<ModelOptions, 'threads'>): Promise<LoadedModels> {
  const checkpoint = await openCheckpoint(TINY);
  try {
    return await openBarkModels(checkpoint, { threads: 1, ...options });
  } finally {
    await checkpoint.tensors.close();
  }
}

function ids(count: number, from: number, limit: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => Math.floor(draw(from + i) * limit));
}

/** The likeliest id after a prompt of 40, and after each of those that follow. */
async function greedy(models: LoadedModels, stage: 'semantic' | 'coarse'): Promise<number[]> {
  const sequence = models[stage].open();
  const said = [argmax(await sequence.append([{ ids: ids(40, 0, 500) }], signal))];
  for (let i = 0; i < 24; i += 1) {
    const next = Int32Array.of(said.at(-1) ?? 0);
    said.push(argmax(await sequence.append([{ ids: next }], signal)));
  }
  sequence.close();
  return said;
}

async function sound(models: LoadedModels): Promise<Float32Array> {
  const stream = models.codec.open();
  const first = await stream.decode(fineCodes(ids(8 * 20, 3_000, 1_024), 1_024), signal);
  const second = await stream.decode(fineCodes(ids(8 * 11, 4_000, 1_024), 1_024), signal);
  stream.close();
  return Float32Array.from([...first, ...second]);
}

function fine(models: LoadedModels): Promise<Float32Array> {
  return models.fine.forward(ids(64 * 8, 2_000, 1_025), 5, 32, signal);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}

/** Why the device can't be used here, or null. */
async function missing(device: Device): Promise<string | null> {
  try {
    await openProvider(device, 1);
    return null;
  } catch (error) {
    if (error instanceof DeviceUnavailable) return error.message;
    throw error;
  }
}

let reference: LoadedModels;
beforeAll(async () => {
  reference = await open({});
});
afterAll(() => reference.release());

describe.each([
  ['webgpu', 'fastest'],
  ['cuda', 'fastest'],
  ['wasm', 'fastest'],
  ['wasm', 'fused'],
] as const)('the device %s, its attention %s', (device, attention) => {
  let models: LoadedModels | null = null;
  let reason: string | null;
  beforeAll(async () => {
    reason = await missing(device);
    if (reason === null) models = await open({ device, attention });
  }, COMPILING_MS);
  afterAll(() => models?.release());

  test(
    'says the same tokens, and the same sound within 1e-4',
    async ({ skip }) => {
      const here = models ?? skip(reason ?? '');
      for (const stage of ['semantic', 'coarse'] as const) {
        expect(await greedy(here, stage), stage).toEqual(await greedy(reference, stage));
      }
      expect(largestDifference(await fine(reference), await fine(here)), 'fine').toBeLessThan(1e-4);
      expect(largestDifference(await sound(reference), await sound(here)), 'sound').toBeLessThan(
        1e-4,
      );
    },
    COMPILING_MS,
  );

  test(
    'a sequence closed while the device computes ends alone, and one that is full says so',
    async ({ skip }) => {
      const here = models ?? skip(reason ?? '');
      const [closed, full] = [here.semantic.open(), here.semantic.open()];
      await closed.append([{ ids: ids(40, 0, 500) }], signal);
      const last = closed.append([{ ids: ids(1, 0, 500) }], signal);
      // the device has begun
      await Promise.resolve();
      await Promise.resolve();
      closed.close();
      await expect(last).rejects.toThrow('closed');
      await expect(closed.append([{ ids: ids(1, 0, 500) }], signal)).rejects.toThrow('closed');
      await full.append([{ ids: ids(1_024, 0, 500) }], signal);
      await expect(full.append([{ ids: ids(1, 0, 500) }], signal)).rejects.toThrow(
        '1024 positions; 1025',
      );
      full.close();
    },
    COMPILING_MS,
  );

  test(
    'speaks for several at once',
    async ({ skip }) => {
      const here = models ?? skip(reason ?? '');
      const alone = await greedy(here, 'semantic');
      const [one, other, third] = await Promise.all([
        greedy(here, 'semantic'),
        greedy(here, 'coarse'),
        greedy(here, 'semantic'),
      ]);
      expect([one, third]).toEqual([alone, alone]);
      expect(other).toEqual(await greedy(reference, 'coarse'));
    },
    COMPILING_MS,
  );
});

test('wasm speaks without the native library', async () => {
  const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const code = `import { openCheckpoint } from ${module('../../checkpoint/checkpoint.ts')};
    import { openBarkModels } from ${module('../bark-models.ts')};
    const checkpoint = await openCheckpoint(${JSON.stringify(TINY)});
    const models = await openBarkModels(checkpoint, { threads: 1, device: 'wasm', attention: 'fastest' });
    const { length } = await models.semantic.open().append([{ ids: Int32Array.of(1, 2) }], new AbortController().signal);
    const native = process.report.getReport().sharedObjects.filter((path) => path.includes('onnxruntime'));
    console.log(JSON.stringify({ length, native }));
    process.exit();`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    code,
  ]);
  expect(JSON.parse(stdout)).toEqual({ length: 512, native: [] });
});

describe('what a device does not do is refused by name', () => {
  test.each([
    [{ device: 'wasm', precision: 'int8' }, 'wasm computes in fp32 or fp16, not in int8'],
    [{ device: 'wasm', attention: 'fused', decoder: 'native' }, 'wasm has no native decoder'],
    [{ device: 'cpu', precision: 'int8', attention: 'plain' }, 'fp32 alone'],
  ] as const)('%o', async (options, message) => {
    await expect(open(options)).rejects.toThrow(message);
  });

  test('fused attention, where a GPU computes it wrong', async ({ skip }) => {
    const reason = await missing('webgpu');
    if (reason !== null) skip(reason);
    await expect(open({ device: 'webgpu', attention: 'fused' })).rejects.toThrow(
      'webgpu has no fused attention; use plain',
    );
  });

  test('CUDA without its libraries, with what installs them', async ({ skip }) => {
    const reason = await missing('cuda');
    if (reason === null) skip('CUDA is installed here');
    expect(reason).toMatch(/^The device cuda can't be used: .*, or choose the device cpu\.$/);
  });

  test.runIf(process.platform === 'linux')('a machine without a GPU driver', async () => {
    const code = `import { openProvider } from ${JSON.stringify(new URL('open-provider.ts', import.meta.url).href)};
      await openProvider('webgpu', 1).catch(({ name, message }) => console.log(name, message));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', code],
      { env: { ...process.env, VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/nowhere' } },
    );
    expect(stdout).toMatch(/^DeviceUnavailable The device webgpu can't be used: .*cpu\.$/m);
  });
});
