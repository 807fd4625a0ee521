/**
 * `npm run say -- "Hello, my dog is cute" -o hello.wav`: speaks through the HTTP interface that
 * everyone else uses, with a pair of its own when none runs here.
 */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { isLoopback } from '../gpu-backend/server/access.ts';
import { healthOf } from './support/health.ts';
import { EXIT_INTERRUPTED, Interrupted, interruptSignal } from './support/interrupt.ts';
import { jsonObject } from './support/json-object.ts';
import { startPair, type Pair } from './support/pair.ts';
import { freePort } from './support/ports.ts';
import { printableError } from '../gpu-backend/cli/terminal/printable.ts';
import {
  fileSink,
  receiveWav,
  streamSink,
  type Received,
  type Sink,
} from './support/receive-wav.ts';
import { serviceUrl } from './support/service-url.ts';

const DEFAULT_URL = 'http://127.0.0.1:8787';

/** How long a failure may wait for the news that a process has died. */
const DEATH_NEWS_MS = 2_000;

const HELP = `Usage: npm run say -- TEXT [options]      TEXT - reads standard input

  -o, --output FILE   where the WAV goes; - is standard output (speech.wav)
  -v, --voice NAME    for example v2/en_speaker_6; GET /v1/voices lists them
  -s, --seed N        the same number gives the same take
  -u, --url URL       a service that runs (${DEFAULT_URL}); where nothing
                      listens on this machine, one is started and stopped again
  -h, --help
`;

interface Order {
  readonly input: string;
  readonly voice?: string;
  readonly seed?: number;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o', default: 'speech.wav' },
      voice: { type: 'string', short: 'v' },
      seed: { type: 'string', short: 's' },
      url: { type: 'string', short: 'u', default: DEFAULT_URL },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || positionals.length === 0) {
    process.stdout.write(HELP);
    if (!values.help)
      throw new Error('Say what? Give a text, or - to read it from standard input.');
    return;
  }
  const [first] = positionals;
  const order: Order = {
    input: first === '-' ? await text(process.stdin) : positionals.join(' '),
    ...(values.voice === undefined ? {} : { voice: values.voice }),
    ...(values.seed === undefined ? {} : { seed: readSeed(values.seed) }),
  };
  const address = serviceUrl(values.url, '');
  const signal = interruptSignal();
  // what can not be written is told before anything is computed
  const sink = values.output === '-' ? streamSink(process.stdout) : await fileSink(values.output);
  try {
    const own = await pairUnlessRunning(address, signal);
    try {
      const received = await speak(own?.pair.url ?? address.href, order, sink, signal);
      told(values.output, received);
    } catch (error) {
      throw signal.aborted || own === null ? error : await own.explained(error);
    } finally {
      await own?.pair.stop();
    }
  } finally {
    await sink.abandon(null, 0);
  }
}

interface OwnPair {
  readonly pair: Pair;
  /** The failure of something that went through this pair, with how the pair died if it has. */
  explained(failure: unknown): Promise<unknown>;
}

/** A pair of our own when nothing listens at an address of this machine; null when something does. */
async function pairUnlessRunning(address: URL, signal: AbortSignal): Promise<OwnPair | null> {
  if ((await healthOf(address.href)) !== 'absent') return null;
  if (!isLoopback(address.hostname)) throw new Error(`Nothing answers at ${address.origin}.`);
  note(`nothing listens at ${address.origin}: starting a pair for this sentence ...`);
  const pair = await startPair({ port: await freePort(), signal, onLine: () => undefined });
  return {
    pair,
    async explained(failure) {
      const death = await Promise.race([
        pair.died.catch((reason: unknown) => reason),
        // a broken stream is noticed an instant before the end of the process that broke it
        new Promise((resolve) => setTimeout(resolve, DEATH_NEWS_MS, null)),
      ]);
      if (!(death instanceof Error) || !(failure instanceof Error)) return failure;
      return new Error(`${failure.message}\n${death.message}`, { cause: failure });
    },
  };
}

async function speak(
  url: string,
  order: Order,
  sink: Sink,
  signal: AbortSignal,
): Promise<Received & { readonly tookSeconds: number }> {
  const beganMs = performance.now();
  const response = await fetch(serviceUrl(url, 'v1/audio/speech'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...order, response_format: 'wav' }),
    signal,
  }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new Error(`${url} broke off before it answered; its log says why.`, { cause });
  });
  if (!response.ok || response.body === null) throw new Error(await errorOf(response));
  const received = await receiveWav(response.body, {
    sink,
    beganMs,
    now: () => performance.now(),
    onProgress,
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  return { ...received, tookSeconds: (performance.now() - beganMs) / 1_000 };
}

function told(
  output: string,
  { audioSeconds, firstAudioMs, tookSeconds }: Received & { readonly tookSeconds: number },
): void {
  endProgress();
  note(
    `${output === '-' ? '' : `${output}: `}${audioSeconds.toFixed(2)} s of audio in ${tookSeconds.toFixed(2)} s ` +
      `(real-time factor ${(tookSeconds / audioSeconds).toFixed(2)}), first audio after ${(firstAudioMs / 1_000).toFixed(2)} s`,
  );
}

async function errorOf(response: Response): Promise<string> {
  const body = await response.text();
  const error = jsonObject(body)?.['error'];
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : null;
  return typeof message === 'string' ? message : `The server answered ${response.status}.`;
}

function readSeed(value: string): number {
  const seed = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(seed)) return seed;
  throw new Error(`--seed must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`);
}

/** One line that grows on a terminal; elsewhere only the result is told. */
function onProgress(audioSeconds: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${audioSeconds.toFixed(1)} s of audio ...`);
}

function endProgress(): void {
  // ECMA-48 section 8.3.41: erase the line
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K');
}

function note(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    endProgress();
    note(printableError(error));
    process.exit(error instanceof Interrupted ? EXIT_INTERRUPTED : 1);
  },
);
