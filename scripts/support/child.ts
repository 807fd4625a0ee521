/**
 * A child process with everything it starts: its lines are handed on, its last ones kept, and it
 * ends as a whole tree, also when this process ends without having been asked to.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { keep, release } from './belongings.ts';
import { endTree, isTreeAlive, signalTree, STOP_TIMEOUT_MS } from './process-tree.ts';
import { shortLine } from './short-line.ts';

/** Lines kept to tell what a child said before it died. */
const KEPT_LINES = 12;

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
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Resolves when the process has ended and all it said was read; never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** What it said last, oldest first. */
  readonly lastLines: readonly string[];
  /** Ends the whole tree; resolves when nothing of it is left. */
  stop(): Promise<void>;
}

export function startChild({ name, command, args, cwd, env, onLine }: ChildOptions): Child {
  const lastLines: string[] = [];
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // a process group of its own: what it starts can be ended with it
    detached: process.platform !== 'win32',
  });
  const { pid } = child;
  if (pid !== undefined) keep({ tree: pid });
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
      resolve({ code: null, signal: null });
    });
    child.once('exit', (code, signal) => {
      // what it left behind would hold its pipes open
      if (pid !== undefined) signalTree(pid, 'SIGTERM');
      child.once('close', () => {
        if (pid !== undefined && !isTreeAlive(pid)) release({ tree: pid });
        resolve({ code, signal });
      });
      setTimeout(() => resolve({ code, signal }), STOP_TIMEOUT_MS).unref();
    });
  });
  return {
    name,
    pid,
    ended,
    lastLines,
    async stop() {
      if (pid === undefined) return;
      if (await endTree(pid)) await ended;
      release({ tree: pid });
    },
  };
}

/** One sentence about a child that ended by itself, with what it said last. */
export function describeEnd({ name, lastLines }: Child, { code, signal }: ChildEnd): string {
  const how =
    signal === null
      ? code === null
        ? 'could not be started'
        : `ended with exit code ${code}`
      : `was ended by ${signal}`;
  const said = lastLines.flatMap((line) => shortLine(line) ?? []).join('\n  ');
  return `${name} ${how}${said === '' ? ' and said nothing.' : `. Its last lines:\n  ${said}`}`;
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
}
