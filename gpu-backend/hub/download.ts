/**
 * One file of a repository: into `<path>.partial`, from where an earlier attempt ended, checked against
 * size and checksum, and only then under its own name.
 */
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestFromEtag, hasDigest, type Digest } from './digest.ts';
import {
  MOST_ATTEMPTS,
  networkFault,
  refusal,
  type HubAnswer,
  type HubClient,
} from './hub-client.ts';
import { HubError, isCode, shown } from './hub-error.ts';
import type { ListedFile } from './listing.ts';

/** Between two pieces of a file. */
const STALL_TIMEOUT_MS = 60_000;
/** An attempt that brought this much was a good one: the count of attempts begins anew. */
const GOOD_ATTEMPT_BYTES = 1 << 20;

export interface Source {
  readonly client: HubClient;
  readonly repository: string;
  readonly commit: string;
}

/** Told how many bytes of the file are there; less than before where it begins anew. */
type OnBytes = (haveBytes: number) => void;

/** Downloads `file` into `folder` and returns its checksum; throws HubError, and leaves nothing that is wrong. */
export async function downloadFile(
  source: Source,
  file: ListedFile,
  folder: string,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<Digest> {
  const target = join(folder, file.path);
  const partial = `${target}.partial`;
  await mkdir(dirname(target), { recursive: true });
  const wasResumed = (await sizeOf(partial)) > 0;
  try {
    const digest = await fetchAndCheck(source, file, partial, onBytes, signal).catch(
      async (error: unknown) => {
        // what lay there from an earlier time may have been the fault
        if (!(error instanceof WrongBytes) || !wasResumed) throw error;
        await rm(partial, { force: true });
        return await fetchAndCheck(source, file, partial, onBytes, signal);
      },
    );
    await rename(partial, target);
    return digest;
  } catch (error) {
    if (error instanceof WrongBytes) await rm(partial, { force: true });
    throw isCode(error, 'ENOSPC', 'EDQUOT') ? noSpace(folder, error) : error;
  }
}

/** The error for a full disk. */
export function noSpace(folder: string, cause?: unknown): HubError {
  return new HubError(
    `There is no space left on the disk of ${folder}; free some, or point BARK_CACHE elsewhere, and run the same again: it goes on where it was.`,
    cause,
  );
}

/** The file arrived whole and is not what the hub says it is; it has been removed. */
class WrongBytes extends HubError {}

async function fetchAndCheck(
  source: Source,
  file: ListedFile,
  partial: string,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<Digest> {
  const headDigest = await fetchBytes(source, file, partial, onBytes, signal);
  const digest = file.digest ?? headDigest;
  if (digest === null) {
    await rm(partial, { force: true });
    throw new HubError(
      `The hub gives no checksum for ${shown(file.path)} of ${source.repository}, so it was not kept; check --endpoint.`,
    );
  }
  if (await hasDigest(partial, file.sizeBytes, digest, signal)) return digest;
  onBytes(0);
  throw new WrongBytes(
    `${shown(file.path)} of ${source.repository} arrived with another checksum (${digest.kind}) than the hub gives; it was removed. Run the same again, and check --endpoint if it stays so.`,
  );
}

/** Fills `partial` up to the file's size, in as many requests as it takes; answers the checksum of the headers. */
async function fetchBytes(
  source: Source,
  file: ListedFile,
  partial: string,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<Digest | null> {
  const what = `${shown(file.path)} of ${source.repository}`;
  let digest: Digest | null = null;
  for (let attempt = 1; ;) {
    let have = await sizeOf(partial);
    if (have > file.sizeBytes) {
      await rm(partial);
      have = 0;
    }
    onBytes(have);
    // an empty file is made by a request too: it may not exist at all
    if (have === file.sizeBytes && (have > 0 || digest !== null)) return digest;

    const path = `/${source.repository}/resolve/${source.commit}/${encodePath(file.path)}`;
    const headers: Record<string, string> = have > 0 ? { Range: `bytes=${have}-` } : {};
    const answer = await source.client.get(path, headers, what, signal);
    digest = checkHead(answer, file, source, what) ?? digest;
    const { response } = answer;
    if (response.status === 416) {
      // the hub has nothing after what is there, which is then not the beginning of this file
      await response.body?.cancel();
      await rm(partial, { force: true });
      if (attempt >= MOST_ATTEMPTS) {
        throw new HubError(
          `${what} is shorter than the ${file.sizeBytes} bytes that the listing tells; check --endpoint, or try again later.`,
        );
      }
      attempt += 1;
      continue;
    }
    if (response.status !== 200 && response.status !== 206) {
      await response.body?.cancel();
      throw refusal(answer, what);
    }
    const from = startOf(response, have);
    const fault = await receive(response, partial, from, file, onBytes, signal);
    const got = (await sizeOf(partial)) - from;
    if (fault === null && file.sizeBytes === from + got) return digest;
    const reason = `${what}: ${fault ?? 'the connection ended early'}`;
    if (got >= GOOD_ATTEMPT_BYTES) attempt = 1;
    if (attempt >= MOST_ATTEMPTS) {
      throw new HubError(
        `${reason}, ${MOST_ATTEMPTS} times; check the network and run the same again, it goes on where it was.`,
      );
    }
    await source.client.pause(attempt, reason, signal);
    attempt += 1;
  }
}

/** What the hub says of the file beside its bytes must be what it said in the listing. */
function checkHead(
  { header }: HubAnswer,
  file: ListedFile,
  { commit, repository }: Source,
  what: string,
): Digest | null {
  const said = header('x-repo-commit');
  if (said !== null && said !== commit) {
    throw new HubError(
      `${what}: the hub sends commit ${said.slice(0, 12)} instead of ${commit.slice(0, 12)}; ${repository} may just have changed, run the same again.`,
    );
  }
  const size = header('x-linked-size');
  if (size !== null && Number(size) !== file.sizeBytes) {
    throw new HubError(
      `${what}: the hub sends ${size} bytes where its listing has ${file.sizeBytes}; run the same again, and check --endpoint if it stays so.`,
    );
  }
  return digestFromEtag(header('x-linked-etag') ?? header('etag'));
}

/** Where in the file an answer begins: 0 where the range was not heeded. */
function startOf(response: Response, have: number): number {
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return response.status === 206 && range !== null && Number(range[1]) === have ? have : 0;
}

/** Writes the body from `from` on; null, or the reason why it ended early. */
async function receive(
  response: Response,
  partial: string,
  from: number,
  file: ListedFile,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<string | null> {
  if (response.status === 206 && from === 0 && !startsAtZero(response)) {
    await response.body?.cancel();
    await rm(partial, { force: true });
    return 'another part was sent than was asked for';
  }
  const handle = await open(partial, from > 0 ? 'r+' : 'w');
  let at = from;
  try {
    if (response.body === null) return null;
    for await (const chunk of withinTime(response.body, signal)) {
      if (at + chunk.byteLength > file.sizeBytes) {
        throw new WrongBytes(
          `${shown(file.path)} is longer than the ${file.sizeBytes} bytes that the listing tells; it was removed. Check --endpoint.`,
        );
      }
      await handle.write(chunk, 0, chunk.byteLength, at);
      at += chunk.byteLength;
      onBytes(at);
    }
    await handle.sync();
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HubError || isCode(error, 'ENOSPC', 'EDQUOT')) throw error;
    return networkFault(error);
  } finally {
    await handle.close();
  }
}

function startsAtZero(response: Response): boolean {
  return response.headers.get('content-range')?.startsWith('bytes 0-') ?? false;
}

/** The pieces of a body; throws when none comes for too long. */
async function* withinTime(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  let isStalled = false;
  const give = (): void => void reader.cancel().catch(() => undefined);
  const timer = setTimeout(() => {
    isStalled = true;
    give();
  }, STALL_TIMEOUT_MS);
  signal.addEventListener('abort', give);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (isStalled) throw new Error('no answer in time');
      if (done) return;
      timer.refresh();
      yield value;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', give);
    give();
  }
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** 0 where there is no file. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 0;
    throw error;
  }
}
