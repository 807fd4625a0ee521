/**
 * What many slow readers cost: memory of the workerd process before they come, while they read and after they have left,
 * twice. Every one hears a long text of its own, of which the network between takes only a part.
 */
import type { Row, Table } from '../support/table.ts';
import { during } from './during.ts';
import { isolateMb } from './isolate-memory.ts';
import { narrowSockets } from './narrow-socket.ts';
import { isAlive, residentMbOf } from './processes.ts';
import { startBackend, type RunningBackend } from './running-backend.ts';
import { benchProgram, edgeProgram, startWorker, type RunningWorker } from './running-worker.ts';
import { BYTES_A_SECOND, startSlowReader, type SlowReader } from './slow-reader.ts';
import type { EdgeSetting, Program } from '../../scripts/support/programs.ts';
import { timeAnswer } from './timed-chunks.ts';

/** As long as a sentence of Bark's can be, nearly: 14 seconds. */
const SENTENCE_SAMPLES = 336_000;
const SENTENCES = 20;
const WARM_UP_REQUESTS = 3;
const STARTED_AT_ONCE = 20;

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

/** Long enough sentences that none is spoken with its neighbour. */
const speech =
  (format: string) =>
  (index: number): string => {
    const input = Array.from(
      { length: SENTENCES },
      (_, row) =>
        `Reader ${index} says hello to the wide world, and the world says hello ${row} times to the voice.`,
    ).join(' ');
    return `/v1/audio/speech?${new URLSearchParams({ input, response_format: format }).toString()}`;
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
    path: speech('pcm'),
    headers: { 'Cache-Control': 'no-store' },
    samples: SENTENCE_SAMPLES,
  },
  'edge, pcm': {
    program: edgeProgram,
    path: speech('pcm'),
    headers: {},
    samples: SENTENCE_SAMPLES,
  },
  'edge, mp3': {
    program: edgeProgram,
    path: speech('mp3'),
    headers: {},
    samples: SENTENCE_SAMPLES,
  },
};

export async function memory(options: MemoryOptions): Promise<Table> {
  const rows: Row[] = [];
  for (const [name, variant] of Object.entries(VARIANTS)) {
    rows.push({ '': name, ...(await measure(variant, options)) });
  }
  return {
    what: 'memory',
    title: `MB held: ${options.readers} readers of 1 KiB a second, each a text of ${SENTENCES} sentences of ${SENTENCE_SAMPLES / 24_000} s`,
    rows,
  };
}

function measure(variant: Variant, options: MemoryOptions): Promise<Row> {
  return during(startBackend({ samples: variant.samples }), (backend) =>
    during(startWorker(variant.program, { backendUrl: backend.url, path: '/health' }), (worker) =>
      visits(variant, { backend, worker }, options),
    ),
  );
}

async function visits(
  { path, headers }: Variant,
  { backend, worker }: { readonly backend: RunningBackend; readonly worker: RunningWorker },
  { readers, seconds }: MemoryOptions,
): Promise<Row> {
  const { directUrl: url, pid, inspector } = worker;
  const ask = async (): Promise<unknown> =>
    timeAnswer(`${url}/v1/audio/speech?input=hello&response_format=pcm`, { headers });
  for (let i = 0; i < WARM_UP_REQUESTS; i += 1) await ask();
  const look = async (): Promise<Held> => {
    await new Promise((resolve) => setTimeout(resolve, 1_000 * seconds));
    if (!isAlive(pid)) throw new Error(STARTED_ANEW);
    // what was collected is let go of when the isolate works again
    await isolateMb(inspector);
    await ask();
    return { isolate: await isolateMb(inspector), resident: residentMbOf(pid) };
  };
  const connect = await narrowSockets();
  const before = await look();
  const present: SlowReader[] = [];
  let settledAfterS: number;
  let withThem: Held;
  try {
    while (present.length < readers) {
      const count = Math.min(STARTED_AT_ONCE, readers - present.length);
      const starting = Array.from({ length: count }, (_, i) =>
        startSlowReader(connect, url + path(present.length + i), headers),
      );
      present.push(...(await Promise.all(starting)));
    }
    settledAfterS = await settled(backend, readers);
    withThem = await look();
    const gone = present.filter(({ isConnected }) => !isConnected).length;
    if (gone > 0) throw new Error(`${gone} of ${readers} readers were hung up on.`);
  } finally {
    for (const reader of present) reader.leave();
  }
  const after = await look();
  return {
    'settled after s': settledAfterS,
    'isolate, before': before.isolate,
    'with them': withThem.isolate,
    after: after.isolate,
    'kB a reader': (1_024 * (withThem.isolate - before.isolate)) / readers,
    'resident, before': before.resident,
    'resident, with them': withThem.resident,
    'resident, after': after.resident,
  };
}

/** Seconds until the network between is full, so that no more is sent than is read; at most `SETTLE_S`. */
async function settled(backend: RunningBackend, readers: number): Promise<number> {
  const beganMs = performance.now();
  const passedS = (): number => (performance.now() - beganMs) / 1_000;
  for (let before = backend.samplesSent; passedS() < SETTLE_S; before = backend.samplesSent) {
    await new Promise((resolve) => setTimeout(resolve, 1_000 * LOOK_S));
    const bytes = 2 * (backend.samplesSent - before);
    if (bytes < SETTLED * readers * BYTES_A_SECOND * LOOK_S) break;
  }
  return passedS();
}

const SETTLE_S = 90;
const LOOK_S = 5;
/** Of what is read: it is asked for in larger pieces, so not steadily. */
const SETTLED = 3;

/** wrangler watches the sources that a Worker is made of. */
const STARTED_ANEW =
  'The Worker was started anew while it was measured; leave the source files alone meanwhile.';

/** In MB. */
interface Held {
  readonly isolate: number;
  /** Of the process, what the allocator keeps for later included. */
  readonly resident: number;
}
