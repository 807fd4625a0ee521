/** Two pulls of one repository at a time would write into one another's files: a lock file keeps the second out. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { HubError, isCode } from './hub-error.ts';

const MOST_ATTEMPTS = 5;

/** Takes the lock file `path`, or throws HubError that tells who has it; the answer gives it back. */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const mine = `${process.pid} ${hostname()} ${randomUUID()}\n`;
  await mkdir(dirname(path), { recursive: true });
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    try {
      const handle = await open(path, 'wx');
      try {
        await handle.writeFile(mine);
      } finally {
        await handle.close();
      }
      return () => giveBack(path, mine);
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    const theirs = await readFile(path, 'utf8').catch(() => '');
    const [pid = '', host] = theirs.trim().split(' ');
    // empty: its owner has just made it and not written yet, or has just given it back
    const isDead = theirs !== '' && host === hostname() && !isRunning(Number(pid));
    if (isDead) await breakLock(path, theirs);
    else if (theirs !== '' || attempt === MOST_ATTEMPTS) {
      throw new HubError(
        `Another pull of the same repository is at work (process ${pid || 'unknown'}${host === undefined ? '' : ` on ${host}`}); wait for it, or delete ${path} if there is none.`,
      );
    }
  }
  throw new HubError(`The lock ${path} can not be taken; try again, or delete it.`);
}

async function giveBack(path: string, mine: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => '')) === mine) await rm(path, { force: true });
}

/** Removes a lock whose owner has died, unless another took its place in between. */
async function breakLock(path: string, theirs: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    if ((await readFile(aside, 'utf8')) !== theirs) await link(aside, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else
    return isCode(error, 'EPERM');
  }
}
