import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSharded } from './sharded.ts';
import { inTemporaryFolder } from './test-support.ts';
import { encodeSafetensors, type StoredTensor } from './write-safetensors.ts';

const INDEX = 'model.safetensors.index.json';

describe('openSharded', () => {
  test('finds every tensor in the file that the index names', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeShard(folder, 'a.safetensors', { one: 1, both: 10 });
      await writeShard(folder, 'b.safetensors', { two: 2, both: 20 });
      const source = await openIndex(folder, {
        one: 'a.safetensors',
        two: 'b.safetensors',
        both: 'b.safetensors',
      });
      expect(Array.from(source.names()).toSorted()).toEqual(['both', 'one', 'two']);
      expect((await source.read('one')).data).toEqual(Float32Array.of(1));
      expect((await source.read('both')).data).toEqual(Float32Array.of(20));
      expect(source.has('three')).toBe(false);
      await expect(source.read('three')).rejects.toThrow('no tensor "three"');
      await source.close();
    });
  });

  test.each([
    ['a file elsewhere', { one: '../a.safetensors' }, 'must name a .safetensors file'],
    ['a pickle', { one: 'a.bin' }, 'must name a .safetensors file'],
    ['an absent file', { one: 'c.safetensors' }, 'does not exist'],
    ['no file', {}, 'names 0 files'],
  ])('refuses %s', async (_, map, fault) => {
    await inTemporaryFolder(async (folder) => {
      await expect(openIndex(folder, map)).rejects.toThrow(fault);
    });
  });
});

async function openIndex(folder: string, map: Record<string, string>) {
  await writeFile(join(folder, INDEX), JSON.stringify({ metadata: {}, weight_map: map }));
  return await openSharded(join(folder, INDEX));
}

async function writeShard(
  folder: string,
  name: string,
  values: Record<string, number>,
): Promise<void> {
  const tensors = Object.entries(values).map(([key, value]): [string, StoredTensor] => [
    key,
    { dtype: 'F32', shape: [1], bytes: new Uint8Array(Float32Array.of(value).buffer) },
  ]);
  await writeFile(join(folder, name), encodeSafetensors(new Map(tensors)));
}
