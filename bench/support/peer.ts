/** A Python process in which transformers speaks on order. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** One sentence; what transformers makes is heard when all of it is made. */
export interface PeerRun {
  readonly totalMs: number;
  readonly firstAudioMs: number;
  readonly audioSeconds: number;
  /** Semantic, coarse, fine, codec; ms. */
  readonly stages: readonly number[];
  /** Of the process; it holds both precisions. */
  readonly residentMb: number;
}

export interface Peer {
  readonly versions: string;
  speak(dtype: 'fp32' | 'bf16', tokens: number): Promise<PeerRun>;
  stop(): void;
}

const TIMEOUT_MS = 30 * 60_000;

export async function startPeer(
  python: string,
  { folder, threads }: { readonly folder: string; readonly threads: number },
): Promise<Peer> {
  const script = fileURLToPath(new URL('../peer/transformers_bark.py', import.meta.url));
  const child = spawn(python, [script, folder, String(threads)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // one that can't be started has no pipe to write to
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout });
  const answer = async (): Promise<unknown> => {
    const stop = new AbortController();
    try {
      const text = await Promise.race([
        new Promise<string>((resolve) => lines.once('line', resolve)),
        failure(stop.signal),
      ]);
      return JSON.parse(text);
    } finally {
      stop.abort();
    }
  };
  const failure = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      const refuse = (why: string): void =>
        reject(
          new Error(
            `${python} ${why}. --peer needs a Python with transformers 4.57 and torch; name it with --python or BENCH_PYTHON.`,
          ),
        );
      const onError = (error: Error): void => refuse(`could not be started (${error.message})`);
      const onExit = (code: number | null): void => refuse(`ended with code ${code}`);
      const timer = setTimeout(() => refuse('did not answer in time'), TIMEOUT_MS);
      child.once('error', onError).once('exit', onExit);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        child.off('error', onError).off('exit', onExit);
      });
    });
  try {
    const versions = await answer();
    return {
      versions: String(versions),
      async speak(dtype, tokens) {
        child.stdin.write(`${JSON.stringify({ dtype, tokens })}\n`);
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own script answers
        return (await answer()) as PeerRun;
      },
      stop: () => void child.kill('SIGKILL'),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
