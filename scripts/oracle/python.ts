/** Runs the Python of `ORACLE_PYTHON` (else `python3`), which has Hugging Face's `tokenizers`. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The version whose behaviour the fixtures hold. */
export const TOKENIZERS_VERSION = '0.22.2';

/** All that a script may print: the ids of some hundred thousand strings. */
const OUTPUT_MAX_BYTES = 1 << 29;

export interface Python {
  readonly command: string;
  /** Version of its `tokenizers`. */
  readonly version: string;
}

/** A Python that can import `module`, or a sentence that says what is missing. */
export function findPython(
  env: Readonly<Record<string, string | undefined>>,
  module = 'tokenizers',
): Python | string {
  const command = env['ORACLE_PYTHON'] ?? 'python3';
  const { status, stdout } = spawnSync(
    command,
    ['-c', `import ${module}; print(${module}.__version__)`],
    { encoding: 'utf8' },
  );
  if (status === 0) return { command, version: stdout.trim() };
  const remedy = `install it there (pip install ${module}) or set ORACLE_PYTHON to a Python that has it`;
  return status === null
    ? `There is no ${command}; set ORACLE_PYTHON to a Python with ${module}.`
    : `${command} has no ${module}; ${remedy}.`;
}

/** What a script beside this file prints; throws with what it said if it fails. */
export function runPython(
  { command }: Python,
  script: string,
  args: readonly string[],
  input = '',
): string {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status, stdout, stderr } = spawnSync(command, [path, ...args], {
    encoding: 'utf8',
    input,
    maxBuffer: OUTPUT_MAX_BYTES,
    env: { ...process.env, PYTHONUTF8: '1' },
  });
  if (status === 0) return stdout;
  throw new Error(`${script} failed:\n${stderr.trim().split('\n').slice(-8).join('\n')}`);
}
