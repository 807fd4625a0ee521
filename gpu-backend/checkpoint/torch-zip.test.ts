import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CheckpointError } from './checkpoint-error.ts';
import { corrupted, inTemporaryFolder } from './test-support.ts';
import { openTorchZip } from './torch-zip.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures/state-dict.bin');
const eighths = Float32Array.from({ length: 24 }, (_, i) => i / 8);

describe('openTorchZip', () => {
  test('reads floats of every width and passes over masks and counters', async () => {
    const source = await openTorchZip(FIXTURE);
    expect(source.has('mask')).toBe(false);
    expect(source.has('counter')).toBe(false);
    expect(await source.read('plain')).toEqual({ shape: [2, 3, 4], data: eighths });
    expect((await source.read('half')).data).toEqual(eighths.slice(0, 4));
    expect((await source.read('bfloat')).data).toEqual(eighths.slice(0, 4));
    expect((await source.read('parameter')).data).toEqual(Float32Array.of(1, 1));
    expect(await source.read('scalar')).toEqual({ shape: [], data: Float32Array.of(7) });
    expect(await source.read('empty')).toEqual({ shape: [0, 3], data: new Float32Array(0) });
    expect(source.info('half')).toMatchObject({ dtype: 'F16', shape: [4] });
    await source.close();
  });

  test('reads views: a slice, a transposed matrix, two names of one storage', async () => {
    const source = await openTorchZip(FIXTURE);
    expect((await source.read('slice')).data).toEqual(Float32Array.of(5, 6, 7, 8));
    const { shape, data } = await source.read('transposed');
    expect(shape).toEqual([6, 4]);
    expect(data.slice(0, 8)).toEqual(Float32Array.of(0, 6, 12, 18, 1, 7, 13, 19));
    expect(await source.read('tied_b')).toEqual(await source.read('tied_a'));
    await source.close();
  });

  test('an absent name and an absent file are named', async () => {
    const source = await openTorchZip(FIXTURE);
    await expect(source.read('lm_head.weight')).rejects.toThrow('no tensor "lm_head.weight"');
    await source.close();
    await expect(openTorchZip('/nowhere/pytorch_model.bin')).rejects.toThrow(
      '/nowhere/pytorch_model.bin does not exist',
    );
  });

  test('what is no archive says so', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'pytorch_model.bin');
      await writeFile(path, 'version https://git-lfs.github.com/spec/v1');
      await expect(openTorchZip(path)).rejects.toThrow(
        /not a sound zip archive.*Download it again/,
      );
    });
  });

  test('tensors beyond 4 GiB are found by their zip64 offsets', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'pytorch_model.bin');
      await writeSparseArchive(path, 5 * 2 ** 30);
      const source = await openTorchZip(path);
      expect((await source.read('w')).data).toEqual(Float32Array.of(1.5, -2));
      await source.close();
    });
  });

  test('any of 400 damaged archives is read or refused, never more', async () => {
    const archive = await readFile(FIXTURE);
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'pytorch_model.bin');
      for (let seed = 0; seed < 400; seed += 1) {
        await writeFile(path, corrupted(archive, seed));
        try {
          const source = await openTorchZip(path);
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

/** `w` = [1.5, -2] in an archive whose storage begins at `dataAt`; the file in between is a hole and takes no space. */
async function writeSparseArchive(path: string, dataAt: number): Promise<void> {
  const storage = '(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x02tQ';
  const tensor = `ctorch._utils\n_rebuild_tensor_v2\n(${storage}K\0K\x02\x85K\x01\x85\x89}tR`;
  const files = [
    { name: 'm/data.pkl', at: 0, bytes: Buffer.from(`\x80\x02}X\x01\0\0\0w${tensor}s.`, 'latin1') },
    { name: 'm/data/0', at: dataAt, bytes: Buffer.from(Float32Array.of(1.5, -2).buffer) },
  ];
  const directory: Buffer[] = [];
  const handle = await open(path, 'w');
  for (const { name, at, bytes } of files) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt32LE(bytes.length, 18);
    local.writeUInt32LE(bytes.length, 22);
    local.writeUInt16LE(name.length, 26);
    await handle.write(Buffer.concat([local, Buffer.from(name), bytes]), 0, null, at);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt32LE(bytes.length, 20);
    central.writeUInt32LE(bytes.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(12, 30);
    central.writeUInt32LE(0xffff_ffff, 42); // the offset is in the zip64 field
    const extra = Buffer.alloc(12);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(8, 2);
    extra.writeBigUInt64LE(BigInt(at), 4);
    directory.push(central, Buffer.from(name), extra);
  }
  const directoryAt = dataAt + 200;
  const entries = Buffer.concat(directory);
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(BigInt(files.length), 24);
  end64.writeBigUInt64LE(BigInt(files.length), 32);
  end64.writeBigUInt64LE(BigInt(entries.length), 40);
  end64.writeBigUInt64LE(BigInt(directoryAt), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(directoryAt + entries.length), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22, 0xff);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(0, 4);
  end.writeUInt16LE(0, 20);
  await handle.write(Buffer.concat([entries, end64, locator, end]), 0, null, directoryAt);
  await handle.close();
}
