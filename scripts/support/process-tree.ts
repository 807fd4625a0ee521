/** A process that leads a group of its own, with everything it has started in it. */
import { spawnSync } from 'node:child_process';

/** How long a tree may take to end by itself. */
export const STOP_TIMEOUT_MS = 5_000;

/** How long a tree that was killed is waited for. */
const KILL_TIMEOUT_MS = 1_000;

/** How often a tree that was told to end is looked at. */
const LOOK_INTERVAL_MS = 50;

const IS_WINDOWS = process.platform === 'win32';

export function signalTree(pid: number, signal: NodeJS.Signals): void {
  if (IS_WINDOWS) spawnSync('taskkill', ['/pid', String(pid), '/T', '/F']);
  else sendSignal(-pid, signal);
}

/** Whether the process or anything it started is left. */
export function isTreeAlive(pid: number): boolean {
  return sendSignal(IS_WINDOWS ? pid : -pid, 0);
}

/** Asks a tree to end and kills what has not; answers whether it ended when asked. */
export async function endTree(pid: number): Promise<boolean> {
  signalTree(pid, 'SIGTERM');
  if (await isGoneWithin(STOP_TIMEOUT_MS, pid)) return true;
  signalTree(pid, 'SIGKILL');
  // in a container whose first process reaps nothing, the dead still count
  await isGoneWithin(KILL_TIMEOUT_MS, pid);
  return false;
}

async function isGoneWithin(limitMs: number, pid: number): Promise<boolean> {
  for (let waitedMs = 0; isTreeAlive(pid); waitedMs += LOOK_INTERVAL_MS) {
    if (waitedMs >= limitMs) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
  }
  return true;
}

/** False when nobody was there to get it. */
function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // ESRCH: it has ended, which is what a signal is for
    return false;
  }
}
