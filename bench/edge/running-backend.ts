/** A backend without a model in a process of its own, so that what it does takes no time from whoever measures. */
import { fileURLToPath } from 'node:url';
import { describeEnd, startChild } from '../../scripts/support/child.ts';
import type { FakeBackendOptions } from '../../tests/workers/fake-backend.ts';

const SERVER = fileURLToPath(
  new URL('../../tests/workers/fake-backend-server.ts', import.meta.url),
);

export interface RunningBackend {
  readonly url: string;
  /** Of all sentences so far, as far as it has told. */
  readonly samplesSent: number;
  stop(): Promise<void>;
}

/** It says every sentence as a tone. */
export async function startBackend(
  options: Pick<FakeBackendOptions, 'samples' | 'intervalMs' | 'messageSamples'>,
): Promise<RunningBackend> {
  let samplesSent = 0;
  const listening = Promise.withResolvers<string>();
  const child = startChild({
    name: 'backend',
    command: process.execPath,
    args: [SERVER, JSON.stringify({ port: 0, ...options })],
    onLine: (line) => {
      if (line.startsWith('http')) listening.resolve(line);
      samplesSent = Number(/"samplesSent":(\d+)/.exec(line)?.[1] ?? samplesSent);
    },
  });
  const died = child.ended.then((end): never => {
    throw new Error(describeEnd(child, end));
  });
  died.catch(() => undefined);
  const url = await Promise.race([listening.promise, died]);
  return {
    url,
    get samplesSent() {
      return samplesSent;
    },
    stop: () => child.stop(),
  };
}
