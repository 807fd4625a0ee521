/** Names of repositories, and where what was pulled of them lies on this machine. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { HubError, shown } from './hub-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** An owner and a name; the hub allows neither `--` nor `..` in them, so that a folder can be named after both. */
const REPOSITORY_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}\/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/;

/** Whether a text could be the id of a repository, for example `suno/bark-small`. */
export function isRepositoryId(text: string): boolean {
  return REPOSITORY_ID.test(text) && !text.includes('--') && !text.includes('..');
}

/** Throws HubError unless `text` is an id. */
export function assertRepositoryId(text: string): void {
  if (isRepositoryId(text)) return;
  throw new HubError(
    `${shown(text)} is not the id of a repository; write owner/name, for example suno/bark-small.`,
  );
}

/** The folder that holds what was pulled: BARK_CACHE, or `~/.cache/bark-edge/models`. */
export function cacheFolder(environment: Environment): string {
  const named = environment['BARK_CACHE']?.trim() || null;
  return named === null ? join(homedir(), '.cache', 'bark-edge', 'models') : resolve(named);
}

/** Where a repository lies once it was pulled whole: `<owner>--<name>` in the cache folder. */
export function pulledFolder(environment: Environment, id: string): string {
  assertRepositoryId(id);
  return join(cacheFolder(environment), id.replace('/', '--'));
}
