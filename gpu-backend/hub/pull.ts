/**
 * A Bark repository of a hub onto this machine: listed at one commit, downloaded beside the place where it
 * will lie, every file checked, and then put there as a whole. What is there already is not fetched again.
 */
import { randomUUID } from 'node:crypto';
import {
  copyFile,
  link,
  mkdir,
  readdir,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { type Digest, hasDigest } from './digest.ts';
import { downloadFile, noSpace, type Source } from './download.ts';
import { refusal, type HubClient } from './hub-client.ts';
import { HubError, isCode } from './hub-error.ts';
import { type ListedFile, type Listing, parseListing } from './listing.ts';
import { neededFiles } from './needed-files.ts';
import { assertPortable } from './portable-paths.ts';
import { takeLock } from './pull-lock.ts';
import { assertRepositoryId } from './repository.ts';

/** Says of a folder what was pulled into it, and when it was whole. */
export const PULL_RECORD = '.bark-pull.json';

/** Voices are hundreds of small files: one after the other would take as many round trips. */
const FILES_AT_ONCE = 8;
const LISTING_MAX_BYTES = 32 * 1024 * 1024;

export interface PullPlan {
  readonly client: HubClient;
  /** For example `suno/bark-small`. */
  readonly repository: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** Where it is to lie. */
  readonly folder: string;
  readonly onProgress?: (progress: PullProgress) => void;
}

export interface PullProgress {
  readonly step: 'checking' | 'downloading';
  /** Bytes that are known to be there, of `totalBytes`. */
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Those of `doneBytes` that came over the network in this run. */
  readonly fetchedBytes: number;
  readonly files: number;
}

export interface Pulled {
  readonly folder: string;
  readonly commit: string;
  readonly files: number;
  readonly totalBytes: number;
  /** What came over the network; 0 where everything was there. */
  readonly downloadedBytes: number;
  /** Whether texts can be read: the tokenizer's vocabulary was among the files. */
  readonly hasVocabulary: boolean;
}

/** Pulls a repository; throws HubError, after which the same call goes on where this one ended. */
export async function pullRepository(plan: PullPlan, signal: AbortSignal): Promise<Pulled> {
  assertRepositoryId(plan.repository);
  try {
    const unlock = await takeLock(`${plan.folder}.lock`);
    try {
      return await pullLocked(plan, signal);
    } finally {
      await unlock();
    }
  } catch (error) {
    if (isCode(error, 'ENOSPC', 'EDQUOT')) throw noSpace(plan.folder, error);
    if (isCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENAMETOOLONG')) {
      throw new HubError(
        `${plan.folder} can not be written (${error.code}); check its permissions and those of the folders above, or point BARK_CACHE elsewhere.`,
        error,
      );
    }
    throw error;
  }
}

async function pullLocked(plan: PullPlan, signal: AbortSignal): Promise<Pulled> {
  const { client, repository, revision, folder, onProgress = () => {} } = plan;
  const what = revision === 'main' ? repository : `${repository} at ${revision}`;
  const { commit, files: listed } = await listRepository(
    client,
    repository,
    revision,
    what,
    signal,
  );
  const names = new Set(
    neededFiles(
      listed.map(({ path }) => path),
      what,
    ),
  );
  assertPortable([...names], what);
  // the largest first, so that the small ones fill the gaps
  const files = listed
    .filter(({ path }) => names.has(path))
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  const tally = new Tally(files, onProgress);
  const result = {
    folder,
    commit,
    files: files.length,
    totalBytes: tally.totalBytes,
    hasVocabulary: names.has('vocab.txt'),
  };

  const digests = new Map<string, Digest>();
  const kept = await checkFiles(folder, files, tally, digests, signal);
  if (kept.size === files.length) {
    await writeRecord(folder, { repository, revision, commit }, files, digests);
    return { ...result, downloadedBytes: 0 };
  }

  const fresh = `${folder}.partial`;
  await mkdir(fresh, { recursive: true });
  const already = await checkFiles(fresh, files, tally, digests, signal);
  for (const path of kept) if (!already.has(path)) await linkFile(folder, fresh, path);
  const missing = files.filter(({ path }) => !kept.has(path) && !already.has(path));
  await assertSpace(fresh, missing);
  const downloadedBytes = await downloadAll(
    { client, repository, commit },
    missing,
    fresh,
    tally,
    digests,
    signal,
  );
  await removeOthers(fresh, names);
  await writeRecord(fresh, { repository, revision, commit }, files, digests);
  await putInPlace(fresh, folder);
  return { ...result, downloadedBytes };
}

async function listRepository(
  client: HubClient,
  repository: string,
  revision: string,
  what: string,
  signal: AbortSignal,
): Promise<Listing> {
  const path = `/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const answer = await client.get(path, { Accept: 'application/json' }, what, signal);
  if (!answer.response.ok) {
    await answer.response.body?.cancel();
    throw refusal(answer, what);
  }
  return parseListing(await readListing(answer.response, what), what);
}

async function readListing(response: Response, what: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > LISTING_MAX_BYTES) {
      throw new HubError(`The listing of ${what} has no end; check --endpoint.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Which files lie in `folder` with the right size and checksum. */
async function checkFiles(
  folder: string,
  files: readonly ListedFile[],
  tally: Tally,
  digests: Map<string, Digest>,
  signal: AbortSignal,
): Promise<Set<string>> {
  const right = new Set<string>();
  for (const { path, sizeBytes, digest } of files) {
    signal.throwIfAborted();
    const target = join(folder, path);
    const found = await stat(target).catch(() => undefined);
    // without a checksum in the listing nothing can be said of a file that was not just fetched
    if (found?.isFile() !== true || found.size !== sizeBytes || digest === null) continue;
    if (!(await hasDigest(target, sizeBytes, digest, signal))) continue;
    right.add(path);
    digests.set(path, digest);
    tally.set('checking', path, sizeBytes);
  }
  return right;
}

async function downloadAll(
  source: Source,
  files: readonly ListedFile[],
  folder: string,
  tally: Tally,
  digests: Map<string, Digest>,
  signal: AbortSignal,
): Promise<number> {
  const queue = files.values();
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let downloadedBytes = 0;
  const work = async (): Promise<void> => {
    for (const file of queue) {
      either.throwIfAborted();
      let first: number | null = null;
      const digest = await downloadFile(
        source,
        file,
        folder,
        (haveBytes) => {
          first ??= haveBytes;
          tally.set('downloading', file.path, haveBytes);
        },
        either,
      );
      digests.set(file.path, digest);
      downloadedBytes += file.sizeBytes - (first ?? 0);
    }
  };
  const workers = Array.from({ length: FILES_AT_ONCE }, async () => {
    try {
      await work();
    } catch (error) {
      // the others leave what they have for the next time
      stop.abort(error);
      throw error;
    }
  });
  const ends = await Promise.allSettled(workers);
  signal.throwIfAborted();
  if (stop.signal.aborted) throw stop.signal.reason;
  if (ends.some(({ status }) => status === 'rejected')) throw new HubError('The pull failed.');
  return downloadedBytes;
}

/** An earlier pull, of another revision, may have left files that do not belong to this one. */
async function removeOthers(folder: string, names: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    if (!names.has(relative(folder, path).replaceAll(sep, '/'))) await rm(path);
  }
}

async function linkFile(from: string, to: string, path: string): Promise<void> {
  const target = join(to, path);
  await mkdir(dirname(target), { recursive: true });
  await rm(target, { force: true });
  // not every file system has hard links
  await link(join(from, path), target).catch(() => copyFile(join(from, path), target));
}

async function assertSpace(folder: string, missing: readonly ListedFile[]): Promise<void> {
  let neededBytes = 0;
  for (const { path, sizeBytes } of missing) {
    const partial = await stat(join(folder, `${path}.partial`)).catch(() => undefined);
    neededBytes += Math.max(0, sizeBytes - (partial?.size ?? 0));
  }
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize > neededBytes) return;
  throw new HubError(
    `${neededBytes} more bytes are needed and the disk of ${folder} has ${bavail * bsize}; free some, or point BARK_CACHE elsewhere.`,
  );
}

async function writeRecord(
  folder: string,
  origin: { readonly repository: string; readonly revision: string; readonly commit: string },
  files: readonly ListedFile[],
  digests: ReadonlyMap<string, Digest>,
): Promise<void> {
  const record = {
    ...origin,
    files: files.map(({ path, sizeBytes }) => ({ path, sizeBytes, digest: digests.get(path) })),
  };
  const temporary = join(folder, `${PULL_RECORD}.${randomUUID()}`);
  await writeFile(temporary, `${JSON.stringify(record, null, 2)}\n`);
  await rename(temporary, join(folder, PULL_RECORD));
}

/** Puts `fresh` where `folder` is; what is read from there is always whole. */
async function putInPlace(fresh: string, folder: string): Promise<void> {
  const old = join(dirname(folder), `.${basename(folder)}.${randomUUID()}.old`);
  const hadOne = await rename(folder, old).then(
    () => true,
    (error: unknown) => {
      if (isCode(error, 'ENOENT')) return false;
      throw error;
    },
  );
  try {
    await rename(fresh, folder);
  } catch (error) {
    if (hadOne) await rename(old, folder);
    throw error;
  }
  if (hadOne) await rm(old, { recursive: true, force: true });
}

/** How much of all files is there. */
class Tally {
  readonly totalBytes: number;
  readonly #files: number;
  readonly #have = new Map<string, number>();
  readonly #onProgress: (progress: PullProgress) => void;
  #doneBytes = 0;
  #fetchedBytes = 0;

  constructor(files: readonly ListedFile[], onProgress: (progress: PullProgress) => void) {
    this.totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.#files = files.length;
    this.#onProgress = onProgress;
  }

  set(step: PullProgress['step'], path: string, haveBytes: number): void {
    const before = this.#have.get(path);
    this.#doneBytes += haveBytes - (before ?? 0);
    // what is told of a file first was there already
    if (before !== undefined) this.#fetchedBytes += Math.max(0, haveBytes - before);
    this.#have.set(path, haveBytes);
    this.#onProgress({
      step,
      doneBytes: this.#doneBytes,
      totalBytes: this.totalBytes,
      fetchedBytes: this.#fetchedBytes,
      files: this.#files,
    });
  }
}
