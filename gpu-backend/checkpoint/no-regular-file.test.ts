import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileBytes } from './file-bytes.ts';
import { readJson } from './json-file.ts';
import { inTemporaryFolder } from './test-support.ts';

test('pipes, devices and folders are refused, not waited for', async () => {
  await inTemporaryFolder(async (folder) => {
    const pipe = join(folder, 'config.json');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, folder, '/dev/zero']) {
      await expect(readJson(path)).rejects.toThrow('no regular file');
      await expect(openFileBytes(path)).rejects.toThrow('no regular file');
    }
  });
});
