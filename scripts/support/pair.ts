/** The two halves on this machine: inference server and edge, started in order, ended together. */
import { describeEnd, startChild, type Child } from './child.ts';
import { waitForHealth } from './health.ts';
import { jsonObject } from './json-object.ts';
import { assertPortFree } from './ports.ts';
import { realPrograms, type Program, type Programs } from './programs.ts';
import { makeScratchFolder } from './scratch-folder.ts';

/** Large checkpoints take minutes to load. */
const READY_TIMEOUT_MS = 600_000;

interface PairOptions {
  /** Where the edge listens on 127.0.0.1. */
  readonly port: number;
  readonly onLine: (source: string, line: string) => void;
  /** Ends the start while it still goes on. */
  readonly signal: AbortSignal;
  readonly programs?: Programs;
}

export interface Pair {
  /** Of the edge. */
  readonly url: string;
  /** Rejects, saying which and why, when one of the two ends by itself; never resolves. */
  readonly died: Promise<never>;
  /** Ends both with all they started. */
  stop(): Promise<void>;
}

/** Stages, starts both and waits until the edge is healthy; leaves nothing behind when it fails. */
export async function startPair(options: PairOptions): Promise<Pair> {
  const { port, onLine, signal, programs = realPrograms() } = options;
  await assertPortFree(port);
  const folder = await makeScratchFolder();
  const children: Child[] = [];
  const death = Promise.withResolvers<never>();
  // whoever is not waiting at that moment must not see it as unhandled
  death.promise.catch(() => undefined);
  let isStopping = false;
  const run = (name: string, program: Program, hear: (line: string) => void = ignore): void => {
    const child = startChild({
      ...program,
      name,
      onLine: (line) => {
        // what is being ended is cut off in the middle, and may complain of it
        if (!isStopping) onLine(name, line);
        hear(line);
      },
    });
    children.push(child);
    void dies(child, (reason) => {
      if (!isStopping) death.reject(reason);
    });
  };
  const stop = async (): Promise<void> => {
    isStopping = true;
    await Promise.all(children.map((child) => child.stop()));
    await folder.remove();
  };

  try {
    for (const reason of await programs.stage(folder.path)) onLine('stage', `left out: ${reason}`);
    signal.throwIfAborted();
    const listening = Promise.withResolvers<string>();
    run('backend', programs.backend, (line) => {
      const url = listeningUrl(line);
      if (url !== null) listening.resolve(url);
    });
    const aborted = rejectionOf(signal);
    const backendUrl = await Promise.race([listening.promise, death.promise, aborted]);
    const url = `http://127.0.0.1:${port}`;
    run('edge', programs.edge({ port, backendUrl, folder: folder.path }));
    // the edge answers before its backend can speak: ready are both or none
    const bounds = { timeoutMs: READY_TIMEOUT_MS, signal };
    await Promise.race([
      Promise.all([waitForHealth(backendUrl, bounds), waitForHealth(url, bounds)]),
      death.promise,
      aborted,
    ]);
    return { url, died: death.promise, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address in the backend's line `{"event":"listening","url":...}`; null for any other line. */
function listeningUrl(line: string): string | null {
  const entry = jsonObject(line);
  return entry?.['event'] === 'listening' && typeof entry['url'] === 'string' ? entry['url'] : null;
}

async function dies(child: Child, report: (reason: Error) => void): Promise<void> {
  report(new Error(describeEnd(child, await child.ended)));
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  if (signal.aborted) reject(signal.reason);
  else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return promise;
}

function ignore(_line: string): void {
  // most lines are only shown
}
