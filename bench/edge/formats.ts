/** What each audio format costs: CPU of the workerd process for a second of audio, against `pcm`, the samples as they are. */
import { turns } from '../support/measure.ts';
import { quantile } from '../support/quantile.ts';
import type { Table } from '../support/table.ts';
import { cpuMs } from './processes.ts';
import { benchProgram, startWorker } from './running-worker.ts';

const CONTROL = 'format=pcm';

const VARIANTS = [
  CONTROL,
  'format=wav',
  'format=mulaw',
  'format=alaw',
  'format=flac',
  'format=mp3',
  'format=aac',
  'format=opus',
  'format=pcm&sample_rate=8000',
  'format=pcm&sample_rate=48000',
  'format=pcm&sample_rate=44100',
  'format=pcm&speed=0.5',
  'format=pcm&speed=1.25',
  'format=pcm&speed=2',
];

const SECONDS = 30;
const ANSWER_TIMEOUT_MS = 120_000;

export async function formats({ rounds }: { readonly rounds: number }): Promise<Table> {
  const worker = await startWorker(benchProgram('formats'), {
    backendUrl: 'http://127.0.0.1:1',
    path: `/?${CONTROL}`,
  });
  const msBySecond = new Map<string, number[]>(VARIANTS.map((variant) => [variant, []]));
  const bytes = new Map<string, number>();
  try {
    // what is loaded once is not measured
    for (const variant of VARIANTS) bytes.set(variant, await encode(worker.url, variant));
    for (const variant of turns(VARIANTS, rounds)) {
      const before = cpuMs(worker.pid);
      await encode(worker.url, variant);
      msBySecond.get(variant)?.push((cpuMs(worker.pid) - before) / SECONDS);
    }
  } finally {
    await worker.stop();
  }
  const control = quantile(msBySecond.get(CONTROL) ?? [], 0.5);
  return {
    what: 'formats',
    title: `CPU of workerd, ${rounds} rounds of ${SECONDS} s of audio in turns`,
    rows: [...msBySecond].map(([variant, ms]) => ({
      variant,
      'CPU ms a second, p50': quantile(ms, 0.5),
      p95: quantile(ms, 0.95),
      'beyond pcm': quantile(ms, 0.5) - control,
      'kbit a second': (8 * (bytes.get(variant) ?? 0)) / SECONDS / 1_000,
    })),
  };
}

/** Size of what came out, in bytes. */
async function encode(url: string, variant: string): Promise<number> {
  const response = await fetch(`${url}/?${variant}&seconds=${SECONDS}`, {
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  const answer: unknown = await response.json();
  if (typeof answer === 'object' && answer !== null && 'bytes' in answer) {
    return Number(answer.bytes);
  }
  throw new Error(`The Worker did not encode ${variant}.`);
}
