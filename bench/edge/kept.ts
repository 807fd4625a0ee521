/** How soon a sentence sounds that was spoken before. */
import { turns } from '../support/measure.ts';
import { quantile } from '../support/quantile.ts';
import type { Table } from '../support/table.ts';
import { during } from './during.ts';
import { startBackend } from './running-backend.ts';
import { edgeProgram, startWorker } from './running-worker.ts';
import { timeAnswer } from './timed-chunks.ts';

const FORMATS = ['pcm', 'wav', 'mp3', 'opus'];
/** Five seconds. */
const SAMPLES = 120_000;
const WARM_UP_REQUESTS = 5;
/** Until what was spoken is in the bucket. */
const KEEP_MS = 1_000;

interface Asked {
  readonly requests: number;
}

export function kept(asked: Asked): Promise<Table> {
  return during(startBackend({ samples: SAMPLES }), (backend) =>
    during(startWorker(edgeProgram, { backendUrl: backend.url, path: '/health' }), (edge) =>
      replay(edge.url, asked),
    ),
  );
}

async function replay(url: string, { requests }: Asked): Promise<Table> {
  const firstMs: Record<string, number[]> = {};
  const urlOf = (format: string): string =>
    `${url}/v1/audio/speech?input=hello&response_format=${format}`;
  await timeAnswer(urlOf('pcm'));
  await new Promise((resolve) => setTimeout(resolve, KEEP_MS));
  for (const format of turns(FORMATS, WARM_UP_REQUESTS + requests)) {
    const answer = await timeAnswer(urlOf(format), {}, isKept);
    (firstMs[format] ??= []).push(answer.firstMs);
  }
  return {
    what: 'kept',
    title: `a sentence of five seconds that is kept, ${requests} requests a format, in turns, one after another`,
    rows: Object.entries(firstMs).map(([format, all]) => {
      const measured = all.slice(WARM_UP_REQUESTS);
      return {
        format,
        'first byte p50 ms': quantile(measured, 0.5),
        'p95 ms': quantile(measured, 0.95),
        'most ms': Math.max(...measured),
      };
    }),
  };
}

function isKept(headers: Headers): boolean {
  return headers.get('X-Cache') === 'HIT';
}
