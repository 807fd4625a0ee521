/** Reads a JSON file of bounded size. */
import { readFile, stat } from 'node:fs/promises';
import { CheckpointError } from './checkpoint-error.ts';

/** Most bytes of a JSON file of a checkpoint; the published ones have below 10 kB, an index of shards below 1 MB. */
const JSON_MAX_BYTES = 16 * 1024 * 1024;

/** The parsed file; throws CheckpointError if it is absent, larger than 16 MiB or not JSON. */
export async function readJson(path: string): Promise<unknown> {
  const value = await readJsonIfPresent(path);
  if (value === undefined) {
    throw new CheckpointError(`${path} does not exist; a checkpoint folder must hold it.`);
  }
  return value;
}

/** The parsed file, or undefined if there is none; throws CheckpointError if it is too large or not JSON. */
export async function readJsonIfPresent(path: string): Promise<unknown> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CheckpointError(`${path} is not valid JSON; download or save it again.`, error);
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const file = await stat(path);
    // a pipe would be waited for, a device never ends
    if (!file.isFile()) {
      throw new CheckpointError(`${path} is no regular file; a checkpoint folder holds files.`);
    }
    const { size } = file;
    if (size > JSON_MAX_BYTES) {
      throw new CheckpointError(
        `${path} has ${size} bytes; a JSON file of a checkpoint has at most ${JSON_MAX_BYTES}.`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof CheckpointError) throw error;
    throw new CheckpointError(
      `${path} could not be read; check that it is a readable file.`,
      error,
    );
  }
}

/** Whether Node says that a file does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
