#!/usr/bin/env node
/** The command `bark`: the process's streams, environment and signals handed to the commands. */
import { once } from 'node:events';
import { EXIT_INTERRUPTED, Interrupted } from './cli-error.ts';
import { runBark } from './run-bark.ts';

const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // the second time nothing is waited for
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort(new Interrupted(`stopped by ${name}`));
  });
}
// whoever reads us may have had enough, as `head` does
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(0);
  throw error;
});

const status = await runBark(process.argv.slice(2), {
  out: async (bytes) => {
    if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
  },
  err: (text) => void process.stderr.write(text),
  stdin: process.stdin,
  isStdinTerminal: process.stdin.isTTY,
  isErrTerminal: process.stderr.isTTY,
  columns: () => process.stderr.columns || 80, // 0 where nobody told the terminal its size
  environment: process.env,
  signal: controller.signal,
  now: () => performance.now(),
});
process.exitCode = status;
// an engine's threads and open sockets keep nobody waiting
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
process.exit();
