import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CheckpointError } from './checkpoint-error.ts';
import { openSafetensors, parseSafetensorsHeader } from './safetensors.ts';
import { corrupted, inTemporaryFolder } from './test-support.ts';
import { encodeSafetensors, type StoredTensor } from './write-safetensors.ts';

const tensors = new Map<string, StoredTensor>([
  ['single', { dtype: 'F32', shape: [2, 2], bytes: bytesOf(Float32Array.of(1, -2, 0.5, 3e38)) }],
  ['half', { dtype: 'F16', shape: [3], bytes: bytesOf(Uint16Array.of(0x3c00, 0xc000, 0x0001)) }],
  ['mask', { dtype: 'BOOL', shape: [2], bytes: Uint8Array.of(1, 0) }],
  ['brain', { dtype: 'BF16', shape: [1, 2], bytes: bytesOf(Uint16Array.of(0x3f80, 0xc020)) }],
  ['rounded', { dtype: 'I8', shape: [2, 2], bytes: bytesOf(Int8Array.of(127, -1, 0, 4)) }],
  ['rounded_scale', { dtype: 'F32', shape: [2, 1], bytes: bytesOf(Float32Array.of(2, 0.5)) }],
  ['empty', { dtype: 'F32', shape: [0, 5], bytes: new Uint8Array(0) }],
]);
const file = encodeSafetensors(tensors);

describe('openSafetensors', () => {
  test('reads every float tensor and passes over masks', async () => {
    await withFile(file, async (path) => {
      const source = await openSafetensors(path);
      expect(Array.from(source.names())).toEqual(['single', 'half', 'brain', 'rounded', 'empty']);
      expect(source.has('mask')).toBe(false);
      expect(source.info('half')).toMatchObject({ dtype: 'F16', shape: [3] });
      const { shape, data } = await source.read('single');
      expect(shape).toEqual([2, 2]);
      expect(data).toEqual(Float32Array.of(1, -2, 0.5, 3e38));
      expect((await source.read('half')).data).toEqual(Float32Array.of(1, -2, 2 ** -24));
      expect((await source.read('brain')).data).toEqual(Float32Array.of(1, -2.5));
      expect((await source.read('empty')).data).toHaveLength(0);
      await expect(source.read('mask')).rejects.toThrow('no tensor "mask"');
      await source.close();
    });
  });

  test('of eight bits gives values and scales, or their products', async () => {
    await withFile(file, async (path) => {
      const source = await openSafetensors(path);
      expect(source.info('rounded')).toMatchObject({ dtype: 'I8', shape: [2, 2] });
      const { data } = await source.read('rounded');
      expect(data).toEqual(Float32Array.of(254, -2, 0, 2));
      expect(await source.readStored('rounded')).toEqual({
        dtype: 'I8',
        values: Int8Array.of(127, -1, 0, 4),
        scales: Float32Array.of(2, 0.5),
      });
      expect(await source.readStored('half')).toMatchObject({
        dtype: 'F16',
        data: Uint16Array.of(0x3c00, 0xc000, 0x0001),
      });
      await source.close();
    });
  });

  test.each([
    ['without scales', (all: Map<string, StoredTensor>) => all.delete('rounded_scale')],
    [
      'with scales for other rows',
      (all: Map<string, StoredTensor>) =>
        all.set('rounded_scale', {
          dtype: 'F32',
          shape: [1, 1],
          bytes: bytesOf(Float32Array.of(2)),
        }),
    ],
  ])('eight bits %s are refused', async (_, damage) => {
    const damaged = new Map(tensors);
    damage(damaged);
    await withFile(encodeSafetensors(damaged), async (path) => {
      await expect(openSafetensors(path)).rejects.toThrow(/"rounded" of I8 .* one scale a row/);
    });
  });

  test('an absent file, an empty one and one that is cut are refused', async () => {
    await expect(openSafetensors('/nowhere/model.safetensors')).rejects.toThrow('does not exist');
    for (const length of [0, 7, 8, 40, file.length - 1]) {
      await withFile(file.slice(0, length), async (path) => {
        await expect(openSafetensors(path)).rejects.toThrow(CheckpointError);
      });
    }
  });

  test('a header longer than the file is refused before it is allocated', async () => {
    const claim = Uint8Array.from(file);
    new DataView(claim.buffer).setBigUint64(0, 2n ** 62n, true);
    await withFile(claim, async (path) => {
      await expect(openSafetensors(path)).rejects.toThrow('claims a header');
    });
  });

  test('any of 300 damaged files is read or refused, never more', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'model.safetensors');
      const dataBytes = Array.from(tensors.values(), ({ bytes }) => bytes.length);
      const headerEnd = file.length - dataBytes.reduce((sum, size) => sum + size, 0);
      for (let seed = 0; seed < 300; seed += 1) {
        const head = corrupted(file.subarray(0, headerEnd), seed);
        await writeFile(path, Buffer.concat([head, file.subarray(headerEnd)]));
        try {
          const source = await openSafetensors(path);
          try {
            for (const name of source.names()) await source.read(name);
          } finally {
            await source.close();
          }
        } catch (error) {
          expect(error, `seed ${seed}`).toBeInstanceOf(CheckpointError);
        }
      }
    });
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(200e6);
  });
});

describe('parseSafetensorsHeader', () => {
  const one = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

  test.each([
    ['a list', [], 'not a JSON object'],
    ['an unknown type', { a: { ...one, dtype: 'F31' } }, 'known dtype'],
    ['a negative size', { a: { ...one, shape: [-2] } }, 'a shape'],
    ['half a size', { a: { ...one, shape: [0.5, 4] } }, 'a shape'],
    ['a product beyond all integers', { a: { ...one, shape: [2 ** 40, 2 ** 40] } }, 'does not fit'],
    [
      'sizes that multiply to nothing',
      { a: { ...one, shape: [2 ** 50, 2 ** 50, 0] } },
      'does not fit',
    ],
    ['nine axes', { a: { ...one, shape: [1, 1, 1, 1, 1, 1, 1, 1, 2] } }, 'a shape'],
    ['offsets the wrong way round', { a: { ...one, data_offsets: [8, 0] } }, 'does not fit'],
    ['offsets beyond the end', { a: { ...one, data_offsets: [8, 16] } }, 'does not fit'],
    ['one offset', { a: { ...one, data_offsets: [0] } }, 'data_offsets'],
    ['bytes for another shape', { a: { ...one, shape: [1] } }, 'does not fit'],
    ['two tensors in one place', { a: one, b: one }, 'begins at 0, not at 8'],
    ['a hole at the start', { a: { ...one, shape: [1], data_offsets: [4, 8] } }, 'begins at 4'],
    ['bytes that nobody has', { a: { ...one, shape: [1], data_offsets: [0, 4] } }, 'end at 4'],
    ['nothing at all', {}, 'end at 0'],
  ])('refuses %s', (_, header, fault) => {
    const bytes = new TextEncoder().encode(JSON.stringify(header));
    expect(() => parseSafetensorsHeader(bytes, 8, 'model.safetensors')).toThrow(fault);
  });

  test('a tensor named __proto__ is only a name', () => {
    const bytes = new TextEncoder().encode(`{"__proto__": ${JSON.stringify(one)}}`);
    expect(() => parseSafetensorsHeader(bytes, 8, 'model.safetensors')).not.toThrow(TypeError);
  });
});

function bytesOf(array: Float32Array | Uint16Array | Int8Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

async function withFile(bytes: Uint8Array, use: (path: string) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, 'model.safetensors');
    await writeFile(path, bytes);
    await use(path);
  });
}
