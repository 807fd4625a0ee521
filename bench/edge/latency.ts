/** What the edge adds: the first byte of sound and the gaps behind it, against the backend itself and a Worker that only pipes. */
import { turns } from '../support/measure.ts';
import { quantile } from '../support/quantile.ts';
import type { Table } from '../support/table.ts';
import { during } from './during.ts';
import { pipedSpeech } from './piped-speech.ts';
import { startBackend } from './running-backend.ts';
import { benchProgram, edgeProgram, startWorker } from './running-worker.ts';
import { timeAnswer, timeChunks, type TimedChunks } from './timed-chunks.ts';

/** A tenth of a second of sound five times as fast as it plays. */
const INTERVAL_MS = 20;
const SAMPLES = 24_000;

/** Not measured: what is loaded once. */
const WARM_UP_REQUESTS = 5;

interface Asked {
  readonly requests: number;
}

export function latency(asked: Asked): Promise<Table> {
  return during(startBackend({ samples: SAMPLES, intervalMs: INTERVAL_MS }), (backend) =>
    during(
      startWorker(benchProgram('control'), { backendUrl: backend.url, path: '/' }),
      (control) =>
        during(startWorker(edgeProgram, { backendUrl: backend.url, path: '/health' }), (edge) =>
          compare({ backend: backend.url, control: control.url, edge: edge.url }, asked),
        ),
    ),
  );
}

async function compare(
  urls: Readonly<Record<'backend' | 'control' | 'edge', string>>,
  { requests }: Asked,
): Promise<Table> {
  let asked = 0;
  const speak = (format: string, init?: RequestInit): Promise<TimedChunks> => {
    asked += 1;
    // words that were never spoken before
    const query = new URLSearchParams({ input: `hello ${asked}`, response_format: format });
    return timeAnswer(`${urls.edge}/v1/audio/speech?${query.toString()}`, init, isNew);
  };
  const variants: Record<string, () => Promise<TimedChunks>> = {
    'backend alone': () => timeChunks(pipedSpeech(urls.backend), performance.now()),
    control: () => timeAnswer(urls.control),
    'edge, nothing kept, pcm': () => speak('pcm', { headers: { 'Cache-Control': 'no-store' } }),
    'edge, pcm': () => speak('pcm'),
    'edge, mp3': () => speak('mp3'),
  };
  const all: Record<string, TimedChunks[]> = {};
  for (const [name, ask] of turns(Object.entries(variants), WARM_UP_REQUESTS + requests)) {
    (all[name] ??= []).push(await ask());
  }
  const measured = (name: string): TimedChunks[] => (all[name] ?? []).slice(WARM_UP_REQUESTS);
  const firstOf = (name: string): number[] => measured(name).map(({ firstMs }) => firstMs);
  const control = firstOf('control');
  return {
    what: 'latency',
    title: `${requests} requests each, in turns, one after another; a message of sound every ${INTERVAL_MS} ms`,
    rows: Object.keys(variants).map((name) => {
      const first = firstOf(name);
      const gaps = measured(name).flatMap(({ gapsMs }) => gapsMs);
      return {
        '': name,
        'first byte p50 ms': quantile(first, 0.5),
        'p95 ms': quantile(first, 0.95),
        'beyond the control, p50 ms': quantile(first, 0.5) - quantile(control, 0.5),
        'beyond, p95 ms': quantile(first, 0.95) - quantile(control, 0.95),
        'gap p50 ms': quantile(gaps, 0.5),
        'gap p95 ms': quantile(gaps, 0.95),
      };
    }),
  };
}

function isNew(headers: Headers): boolean {
  return ['MISS', 'BYPASS'].includes(headers.get('X-Cache') ?? '');
}
