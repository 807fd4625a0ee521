import { copyFile, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCheckpoint } from './checkpoint.ts';
import { checkpointFingerprint } from './fingerprint.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const FILES = ['config.json', 'generation_config.json', 'model.safetensors'];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fingerprint-'));
  for (const file of FILES) await copyFile(join(TINY, file), join(folder, file));
});
afterEach(() => rm(folder, { recursive: true }));

async function fingerprint(of: string): Promise<string> {
  const checkpoint = await openCheckpoint(of);
  try {
    return await checkpointFingerprint(checkpoint);
  } finally {
    await checkpoint.tensors.close();
  }
}

test('is of what the folder holds, not of where it lies', async () => {
  expect(await fingerprint(folder)).toMatch(/^[0-9a-f]{64}$/);
  expect(await fingerprint(folder)).toBe(await fingerprint(TINY));
});

test('is another one for other weights of the same shapes', async () => {
  const before = await fingerprint(folder);
  const file = await open(join(folder, 'model.safetensors'), 'r+');
  const { size } = await file.stat();
  await file.write(Uint8Array.of(1, 2, 3), 0, 3, size - 3);
  await file.close();
  expect(await fingerprint(folder)).not.toBe(before);
});

test('is another one for another generation config', async () => {
  const before = await fingerprint(folder);
  const path = join(folder, 'generation_config.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await writeFile(path, JSON.stringify({ ...config, note: 'changed' }));
  expect(await fingerprint(folder)).not.toBe(before);
});
