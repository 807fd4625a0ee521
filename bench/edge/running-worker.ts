/** A Worker in the real runtime, as long as it is measured. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describeEnd, startChild, type Child } from '../../scripts/support/child.ts';
import { freePort } from '../../scripts/support/ports.ts';
import { realPrograms, type EdgeSetting, type Program } from '../../scripts/support/programs.ts';
import { makeScratchFolder } from '../../scripts/support/scratch-folder.ts';
import { FIXTURE_FOLDER } from '../../tests/workers/fixture-checkpoint.ts';
import { portsOf, workerdOf } from './processes.ts';

const START_TIMEOUT_MS = 180_000;
const LOOK_INTERVAL_MS = 200;
const DIRECT_TIMEOUT_MS = 5_000;

export interface RunningWorker {
  readonly url: string;
  /** Past wrangler's proxy, which takes megabytes of every answer. */
  readonly directUrl: string;
  /** Of the workerd that runs it. */
  readonly pid: number;
  /** Where its debugger listens, http. */
  readonly inspector: string;
  stop(): Promise<void>;
}

/** Our edge, with the vocabulary and voices that its tests have. */
export const edgeProgram = (setting: EdgeSetting): Program => realPrograms().edge(setting);

/** A Worker of this folder, by the name of its settings. */
export function benchProgram(settings: 'control' | 'formats') {
  return (setting: EdgeSetting): Program => {
    const edge = edgeProgram(setting);
    const args = edge.args.filter((arg) => !arg.startsWith('--assets='));
    return { ...edge, args: [...args, `--config=bench/edge/${settings}.toml`] };
  };
}

/** Waits until `path` is answered with 200. */
export async function startWorker(
  program: (setting: EdgeSetting) => Program,
  { backendUrl, path }: { readonly backendUrl: string; readonly path: string },
): Promise<RunningWorker> {
  const folder = await makeScratchFolder();
  await cp(FIXTURE_FOLDER, join(folder.path, 'assets'), { recursive: true });
  const port = await freePort();
  const inspectorPort = await freePort();
  const { args, ...rest } = program({ port, backendUrl, folder: folder.path });
  const child = startChild({
    ...rest,
    args: [
      ...args.filter((arg) => !arg.startsWith('--inspector-port=')),
      `--inspector-port=${inspectorPort}`,
    ],
    name: 'edge',
    onLine: () => undefined,
  });
  const stop = async (): Promise<void> => {
    await child.stop();
    await folder.remove();
  };
  try {
    const url = `http://127.0.0.1:${port}`;
    await Promise.race([answers(url + path), died(child)]);
    const pid = workerdOf(child.pid ?? 0, port);
    return {
      url,
      directUrl: await directUrlOf(pid, path),
      pid,
      inspector: `http://127.0.0.1:${inspectorPort}`,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function answers(url: string): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const response = await fetch(url, { signal: AbortSignal.timeout(START_TIMEOUT_MS) }).catch(
      () => null,
    );
    await response?.arrayBuffer();
    if (response?.ok === true) return;
    if (performance.now() > deadlineMs) {
      throw new Error(`The Worker did not answer in time: ${response?.status ?? 'nothing'}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
  }
}

/** Its other ports speak of other things. */
async function directUrlOf(pid: number, path: string): Promise<string> {
  for (const port of portsOf(pid)) {
    const url = `http://127.0.0.1:${port}`;
    const signal = AbortSignal.timeout(DIRECT_TIMEOUT_MS);
    const response = await fetch(url + path, { signal }).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok === true) return url;
  }
  throw new Error('The Worker is not found behind the proxy.');
}

async function died(child: Child): Promise<never> {
  throw new Error(describeEnd(child, await child.ended));
}
