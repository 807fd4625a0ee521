import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SESSION = fileURLToPath(new URL('session.ts', import.meta.url));

/** Files that ONNX Runtime leaves in the temporary folder of a process that has loaded it; its reporter leaves a log. */
async function leftBehind(imports: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bark-telemetry-'));
  const { CI: _ci, ORT_DISABLE_TELEMETRY: _off, ...environment } = process.env;
  const code = `${imports}; await InferenceSession.create(new Uint8Array(3)).catch(() => undefined);`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...environment, TMPDIR: folder, HOME: folder },
  });
  const files = await readdir(folder, { recursive: true });
  await rm(folder, { recursive: true });
  return files;
}

test('nothing of the reporter of ONNX Runtime starts', async ({ skip }) => {
  const load = `import { InferenceSession } from 'onnxruntime-node'`;
  const usual = await leftBehind(load);
  if (usual.length === 0) skip('this build of ONNX Runtime reports nothing by itself');
  expect(await leftBehind(`import ${JSON.stringify(SESSION)}; ${load}`)).toEqual([]);
});
