/**
 * What many slow readers cost: memory of the workerd process before they come, while they read and after they have left,
 * twice. Every one hears a long text of its own, of which the network between takes only a part.
 */
import { quantile } from '../support/quantile.ts';
import type { Row, Table } from '../support/table.ts';
import { during } from './during.ts';
import { residentMbOf } from './processes.ts';
import { startBackend } from './running-backend.ts';
import { benchProgram, edgeProgram, startWorker, type RunningWorker } from './running-worker.ts';
import { startSlowReader } from './slow-reader.ts';
import type { EdgeSetting, Program } from '../../scripts/support/programs.ts';
import { timeAnswer } from './timed-chunks.ts';

/** As long as a sentence of Bark's can be, nearly: 14 seconds. */
const SENTENCE_SAMPLES = 336_000;
const SENTENCES = 20;
const WARM_UP_REQUESTS = 3;
const ROUNDS = 2;
const LOOK_MS = 500;

interface MemoryOptions {
  readonly readers: number;
  /** How long they read, and how long is waited for what they leave. */
  readonly seconds: number;
}

interface Variant {
  readonly program: (setting: EdgeSetting) => Program;
  readonly path: (index: number) => string;
  readonly headers: Readonly<Record<string, string>>;
  readonly samples: number;
}

const speech = (index: number): string => {
  const input = Array.from({ length: SENTENCES }, (_, row) => `hello ${index} ${row}.`).join(' ');
  return `/v1/audio/speech?${new URLSearchParams({ input, response_format: 'pcm' }).toString()}`;
};

const VARIANTS: Readonly<Record<string, Variant>> = {
  control: {
    program: benchProgram('control'),
    path: () => '/',
    headers: {},
    samples: SENTENCES * SENTENCE_SAMPLES,
  },
  'edge, nothing kept, pcm': {
    program: edgeProgram,
    path: speech,
    headers: { 'Cache-Control': 'no-store' },
    samples: SENTENCE_SAMPLES,
  },
  'edge, pcm': { program: edgeProgram, path: speech, headers: {}, samples: SENTENCE_SAMPLES },
};

export async function memory(options: MemoryOptions): Promise<Table> {
  const rows: Row[] = [];
  for (const [name, variant] of Object.entries(VARIANTS)) {
    rows.push({ '': name, ...(await measure(variant, options)) });
  }
  return {
    what: 'memory',
    title: `resident memory of workerd in MB: ${options.readers} readers of 1 KiB a second for ${options.seconds} s, ${ROUNDS} times, each a text of ${SENTENCES} sentences of ${SENTENCE_SAMPLES / 24_000} s`,
    rows,
  };
}

function measure(variant: Variant, options: MemoryOptions): Promise<Row> {
  return during(startBackend({ samples: variant.samples }), (backend) =>
    during(startWorker(variant.program, { backendUrl: backend.url, path: '/health' }), (worker) =>
      visits(variant, worker, options),
    ),
  );
}

async function visits(
  { path, headers }: Variant,
  { url, pid }: RunningWorker,
  { readers, seconds }: MemoryOptions,
): Promise<Row> {
  for (let i = 0; i < WARM_UP_REQUESTS; i += 1) {
    await timeAnswer(`${url}/v1/audio/speech?input=hello&response_format=pcm`, { headers });
  }
  const before = residentMbOf(pid);
  const row: Record<string, number> = { before };
  for (let round = 1; round <= ROUNDS; round += 1) {
    const present = await Promise.all(
      Array.from({ length: readers }, (_, i) =>
        startSlowReader(url + path(round * readers + i), headers),
      ),
    );
    const withThem = await settledMb(pid, seconds);
    row[`with them, ${round}`] = withThem;
    row[`kB a reader, ${round}`] = (1_024 * (withThem - before)) / readers;
    for (const reader of present) reader.leave();
    row[`after, ${round}`] = await settledMb(pid, seconds);
  }
  return row;
}

/** The middle of what is seen in the last half of the time. */
async function settledMb(pid: number, seconds: number): Promise<number> {
  const seen: number[] = [];
  for (let waitedMs = 0; waitedMs < 1_000 * seconds; waitedMs += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    seen.push(residentMbOf(pid));
  }
  return quantile(seen.slice(seen.length / 2), 0.5);
}
