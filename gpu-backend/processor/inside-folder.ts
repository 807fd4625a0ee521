/** Keeps what an untrusted index or name points at inside one folder, in reading and in writing. */
import { randomUUID } from 'node:crypto';
import { mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep, win32 } from 'node:path';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { isMissing } from '../checkpoint/json-file.ts';
import { ProcessorError, shown } from './processor-error.ts';

/** Longest relative path that is taken, in characters. */
const PATH_MAX_CHARACTERS = 1_000;

/**
 * The real path of `path` below `root`, links followed, or null if nothing is there. Throws
 * ProcessorError where it leaves the folder; in a cache of the hub, where every file is a link to a
 * blob, the folder counts as its whole repository.
 */
export async function realPathInside(root: string, path: string): Promise<string | null> {
  assertRelative(path);
  const realRoot = await realpath(root);
  let real: string;
  try {
    real = await realpath(join(realRoot, path));
  } catch (error) {
    if (isMissing(error)) return null;
    throw new ProcessorError(`${shown(path)} could not be looked at below ${root}.`, null, error);
  }
  if (!contains(hubRepository(realRoot) ?? realRoot, real)) throw linkFault(path);
  return real;
}

/**
 * Writes a file below an existing folder, making the folders on the way; a link on the way out is
 * refused, one in the file's own place is replaced. The file is there whole or not at all.
 */
export async function writeInside(root: string, path: string, bytes: Uint8Array): Promise<void> {
  assertRelative(path);
  const realRoot = await realpath(root);
  let folder = realRoot;
  for (const part of dirname(path).split('/')) {
    folder = join(folder, part);
    await mkdir(folder).catch((error: unknown) => ignoreExisting(error, folder));
    // looked at before anything is made below it
    if (!contains(realRoot, await realpath(folder))) throw linkFault(path);
  }
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, bytes, { flag: 'wx' });
    await rename(temporary, join(folder, basename(path)));
  } catch (cause) {
    throw new CheckpointError(
      `${join(root, path)} could not be written; check the folder's permissions and the room on the disk.`,
      cause,
    );
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Throws ProcessorError unless the path is relative, with `/`, and stays below where it begins. */
export function assertRelative(path: string): void {
  const parts = path.split(/[\\/]/u);
  const leaves =
    isAbsolute(path) || win32.isAbsolute(path) || parts.includes('..') || /^[a-z]:/iu.test(path);
  if (leaves) {
    throw new ProcessorError(
      `The path ${shown(path)} leaves the folder; only relative paths without ".." are followed.`,
      null,
    );
  }
  const isOdd =
    path === '' ||
    path.length > PATH_MAX_CHARACTERS ||
    path.includes('\\') ||
    /[\p{Cc}\p{Cs}]/u.test(path) ||
    parts.some((part) => part === '' || part === '.');
  if (isOdd) {
    throw new ProcessorError(
      `The path ${shown(path)} can not be used; write it with single slashes, without control characters and backslashes, at most ${PATH_MAX_CHARACTERS} characters long.`,
      null,
    );
  }
}

/** Throws ProcessorError unless a voice of this name can be stored as files that are named after it. */
export function assertVoiceName(name: string): void {
  try {
    assertRelative(name);
  } catch (cause) {
    throw new ProcessorError(
      `The voice ${shown(name)} can not be saved: its name would be a path out of the folder, or none at all; rename it in the index.`,
      null,
      cause,
    );
  }
  // a colon is a drive or a stream on Windows, and the saved folder may travel there
  if (!/[:*?"<>|]/u.test(name)) return;
  throw new ProcessorError(
    `The voice ${shown(name)} can not be saved: a file name has none of : * ? " < > |; rename it in the index.`,
    null,
  );
}

function hubRepository(root: string): string | null {
  const snapshots = dirname(root);
  const repository = dirname(snapshots);
  const isCache =
    basename(snapshots) === 'snapshots' && basename(repository).startsWith('models--');
  return isCache ? repository : null;
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function linkFault(path: string): ProcessorError {
  return new ProcessorError(
    `The path ${shown(path)} is a link that leaves the folder; put the file itself there.`,
    null,
  );
}

function ignoreExisting(error: unknown, folder: string): void {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
  throw new CheckpointError(
    `${folder} could not be made; give a folder that can be written to.`,
    error,
  );
}
