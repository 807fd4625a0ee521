/**
 * What this process has made and must not leave behind: trees of processes and temporary folders. A
 * keeper beside it is told of each, so that they go even when this process is killed.
 */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { signalTree } from './process-tree.ts';

export type Belonging = { readonly tree: number } | { readonly folder: string };

const KEEPER = fileURLToPath(new URL('./keeper.ts', import.meta.url));

const trees = new Set<number>();
let keeper: Writable | null = null;

// an end of our own making waits for nobody, the keeper included
process.on('exit', () => {
  for (const pid of trees) signalTree(pid, 'SIGKILL');
});

/** From here on it ends, or is removed, with this process. */
export function keep(belonging: Belonging): void {
  if ('tree' in belonging) trees.add(belonging.tree);
  keeper ??= startKeeper();
  keeper.write(`${JSON.stringify({ keep: true, ...belonging })}\n`);
}

/** It is gone. */
export function release(belonging: Belonging): void {
  if ('tree' in belonging) trees.delete(belonging.tree);
  keeper?.write(`${JSON.stringify({ keep: false, ...belonging })}\n`);
}

function startKeeper(): Writable {
  const child = spawn(process.execPath, [KEEPER], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // out of reach of a Ctrl-C, which every process of a terminal's group gets
    detached: true,
    windowsHide: true,
  });
  child.unref();
  // without a keeper everything works but a SIGKILL of this process
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return child.stdin;
}
