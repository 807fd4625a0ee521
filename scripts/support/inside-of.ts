/** Keeps paths of an untrusted folder inside it. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep, win32 } from 'node:path';

/**
 * A function from a path relative to `folder` to its real path, symlinks followed. It throws, naming
 * the path, when that lies outside. In a cache of the hub, where every file is a link to a blob, the
 * folder counts as its whole repository.
 */
export async function insideOf(folder: string): Promise<(path: string) => Promise<string>> {
  const root = await realpath(folder);
  const boundary = hubRepository(root) ?? root;
  return async (path) => {
    const parts = path.split(/[\\/]/);
    if (isAbsolute(path) || win32.isAbsolute(path) || parts.includes('..') || path.includes('\0')) {
      throw new Error(
        `The path ${JSON.stringify(path)} leaves the folder of the checkpoint; refused.`,
      );
    }
    const real = await realpath(join(root, path));
    if (!contains(boundary, real)) {
      throw new Error(
        `The path ${JSON.stringify(path)} is a link that leaves the folder of the checkpoint; refused.`,
      );
    }
    return real;
  };
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
