/**
 * A child process with everything it starts: its lines are handed on, its last ones kept, and it
 * ends as a whole tree, also when this process ends without having been asked to.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Lines kept to tell what a child said before it died. */
const KEPT_LINES = 12;

/** How long a tree may take to end by itself. */
const STOP_TIMEOUT_MS = 5_000;

/** How long a tree that was killed is waited for. */
const KILL_TIMEOUT_MS = 1_000;

/** How often a tree that was told to end is looked at. */
const LOOK_INTERVAL_MS = 50;

interface ChildOptions {
  /** As it is called in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** On top of our own environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onLine: (line: string) => void;
}

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly name: string;
  /** Resolves when the process has ended and all it said was read; never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** What it said last, oldest first. */
  readonly lastLines: readonly string[];
  /** Ends the whole tree; resolves when nothing of it is left. */
  stop(): Promise<void>;
}

const living = new Set<ChildProcess>();

// whatever ends this process, nothing that it started stays behind
process.on('exit', () => {
  for (const child of living) signalTree(child, 'SIGKILL');
});

export function startChild({ name, command, args, cwd, env, onLine }: ChildOptions): Child {
  const lastLines: string[] = [];
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // a process group of its own: what it starts can be ended with it
    detached: process.platform !== 'win32',
  });
  living.add(child);
  const hear = (line: string): void => {
    lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
    onLine(line);
  };
  readLines(child.stdout, hear);
  readLines(child.stderr, hear);
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('error', (error) => {
      hear(`could not be started: ${error.message}`);
      living.delete(child);
      resolve({ code: null, signal: null });
    });
    child.once('exit', (code, signal) => {
      // what it left behind would hold its pipes open
      signalTree(child, 'SIGTERM');
      child.once('close', () => {
        if (!isAlive(child)) living.delete(child);
        resolve({ code, signal });
      });
      setTimeout(() => resolve({ code, signal }), STOP_TIMEOUT_MS).unref();
    });
  });
  return { name, ended, lastLines, stop: () => stopTree(child, ended) };
}

/** One sentence about a child that ended by itself, with what it said last. */
export function describeEnd({ name, lastLines }: Child, { code, signal }: ChildEnd): string {
  const how =
    signal === null
      ? code === null
        ? 'could not be started'
        : `ended with exit code ${code}`
      : `was ended by ${signal}`;
  const said = lastLines.map((line) => `  ${line}`).join('\n');
  return `${name} ${how}${said === '' ? ' and said nothing.' : `. Its last lines:\n${said}`}`;
}

async function stopTree(child: ChildProcess, ended: Promise<ChildEnd>): Promise<void> {
  signalTree(child, 'SIGTERM');
  if (await isGoneWithin(STOP_TIMEOUT_MS, child)) await ended;
  else {
    signalTree(child, 'SIGKILL');
    // in a container whose first process reaps nothing, the dead still count
    await isGoneWithin(KILL_TIMEOUT_MS, child);
  }
  living.delete(child);
}

async function isGoneWithin(limitMs: number, child: ChildProcess): Promise<boolean> {
  for (let waitedMs = 0; isAlive(child); waitedMs += LOOK_INTERVAL_MS) {
    if (waitedMs >= limitMs) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
  }
  return true;
}

/** Whether the process or anything it started is left. */
function isAlive(child: ChildProcess): boolean {
  if (process.platform === 'win32') return child.exitCode === null && child.signalCode === null;
  return child.pid !== undefined && sendSignal(-child.pid, 0);
}

function signalTree(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
  } else {
    sendSignal(-child.pid, signal);
  }
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

function readLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
}
