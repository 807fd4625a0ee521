/** The two real halves for end-to-end tests, each startable and killable alone. */
import { startChild, type Child } from '../../scripts/support/child.ts';
import { waitForHealth } from '../../scripts/support/health.ts';
import { jsonObject } from '../../scripts/support/json-object.ts';
import { freePort } from '../../scripts/support/ports.ts';
import { realPrograms } from '../../scripts/support/programs.ts';
import { makeScratchFolder } from '../../scripts/support/scratch-folder.ts';

const START_TIMEOUT_MS = 60_000;

type Entry = Readonly<Record<string, unknown>>;

export interface Halves {
  /** Of the edge. */
  readonly url: string;
  /** What the backend has logged so far. */
  readonly backendLog: readonly Entry[];
  /** Waits for a backend log line; those before `from` do not count. */
  logged(matches: (entry: Entry) => boolean, from?: number): Promise<Entry>;
  /** SIGKILL, as a crash would. */
  stopBackend(): Promise<void>;
  startBackend(): Promise<void>;
  stop(): Promise<void>;
}

interface HalvesOptions {
  /** Of the edge, such as EDGE_SECRET. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Real workerd, real inference server, real sockets, on ports that were free. */
export async function startHalves({ variables = {} }: HalvesOptions = {}): Promise<Halves> {
  const programs = realPrograms();
  const folder = await makeScratchFolder();
  await programs.stage(folder.path);
  const backendPort = await freePort();
  const backendUrl = `http://127.0.0.1:${backendPort}`;
  const edgePort = await freePort();
  const url = `http://127.0.0.1:${edgePort}`;
  const { signal } = new AbortController();
  const backendLog: Entry[] = [];
  const listeners = new Set<() => void>();

  let backend: Child;
  const startBackend = async (): Promise<void> => {
    backend = startChild({
      ...programs.backend,
      name: 'backend',
      env: { ...programs.backend.env, BACKEND_PORT: String(backendPort) },
      onLine: (line) => {
        const entry = jsonObject(line);
        if (entry !== null) backendLog.push(entry);
        for (const listener of listeners) listener();
      },
    });
    await waitForHealth(backendUrl, { timeoutMs: START_TIMEOUT_MS, signal });
  };
  await startBackend();
  const program = programs.edge({ port: edgePort, backendUrl, folder: folder.path });
  const edge = startChild({
    ...program,
    args: [
      ...program.args,
      ...Object.entries(variables).map(([name, value]) => `--var=${name}:${value}`),
    ],
    name: 'edge',
    onLine: () => {},
  });
  await waitForHealth(url, { timeoutMs: START_TIMEOUT_MS, signal });

  return {
    url,
    backendLog,
    logged: (matches, from = 0) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          listeners.delete(look);
          reject(new Error('The backend did not log what the test waits for.'));
        }, START_TIMEOUT_MS);
        function look(): void {
          const entry = backendLog.slice(from).find(matches);
          if (entry === undefined) return;
          clearTimeout(timer);
          listeners.delete(look);
          resolve(entry);
        }
        listeners.add(look);
        look();
      }),
    startBackend,
    stopBackend: () => backend.stop(),
    stop: async () => {
      await Promise.all([edge.stop(), backend.stop()]);
      await folder.remove();
    },
  };
}
