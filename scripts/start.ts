/**
 * `npm start`: everything on this machine, without an account. Stages the checkpoint, starts the
 * inference server and the edge, says where to listen, ends both on Ctrl-C.
 *
 *   PORT        where the edge listens, 8787
 *   BARK_MODEL  the folder of a checkpoint, or the id of one that was pulled; the embedded one if unset
 */
import { Interrupted, interruptSignal } from './support/interrupt.ts';
import { startPair } from './support/pair.ts';
import { printableError } from '../gpu-backend/cli/terminal/printable.ts';
import { shortLine } from './support/short-line.ts';

const DEFAULT_PORT = 8_787;

async function main(): Promise<void> {
  const port = readPort(process.env['PORT']);
  const signal = interruptSignal();
  console.log('starting the inference server and the edge ...');
  const pair = await startPair({
    port,
    signal,
    onLine: (source, line) => {
      const short = shortLine(line);
      if (short !== null) console.log(`${source.padEnd(7)} | ${short}`);
    },
  });
  const speech = `${pair.url}/v1/audio/speech?input=Hello&response_format=wav`;
  console.log(`
bark-edge listens at ${pair.url}: open it in a browser, or

  curl -N "${speech}" -o hello.wav
  npm run say -- "Hello, my dog is cute" -o hello.wav

Ctrl-C stops it.
`);
  try {
    const interrupted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (signal.aborted) reject(signal.reason);
    });
    await Promise.race([pair.died, interrupted]);
  } finally {
    await pair.stop();
  }
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new Error('PORT must be a number from 1 to 65535, for example PORT=8788 npm start');
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    if (error instanceof Interrupted) {
      console.log('stopped.');
      process.exit(0);
    }
    console.error(`\n${printableError(error)}`);
    process.exit(1);
  },
);
