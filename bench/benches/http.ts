/** What a client sees: both halves on this machine, one request after another, a take that was never made before. */
import type { LatencyMode } from '../../shared/bark/options.ts';
import { startPair } from '../../scripts/support/pair.ts';
import { freePort } from '../../scripts/support/ports.ts';
import { receiveWav, type Received, type Sink } from '../../scripts/support/receive-wav.ts';
import { turns } from '../support/measure.ts';
import { quantile } from '../support/quantile.ts';
import { SENTENCES } from '../support/sentence.ts';
import type { Setting } from '../support/setting.ts';
import type { Subject } from '../support/subject.ts';
import type { Table } from '../support/table.ts';

const TIMEOUT_MS = 10 * 60_000;
/** Of the two halves, to tell what they said before something broke. */
const KEPT_LINES = 12;

interface Heard extends Received {
  readonly totalMs: number;
}

export async function http(subject: Subject, { modes, rounds, port }: Setting): Promise<Table> {
  const { folder, threads, device, precision } = subject;
  // the pair is configured by the environment
  Object.assign(process.env, {
    BARK_MODEL: folder,
    BACKEND_THREADS: String(threads),
    BACKEND_DEVICE: device,
    BACKEND_PRECISION: precision,
  });
  const lastLines: string[] = [];
  const pair = await startPair({
    port: port ?? (await freePort()),
    onLine: (source, line) => {
      lastLines.push(`${source}: ${line}`);
      if (lastLines.length > KEPT_LINES) lastLines.shift();
    },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const heard = new Map<LatencyMode, Heard[]>(modes.map((mode) => [mode, []]));
  try {
    for (const mode of modes) await listen(pair.url, mode, SENTENCES[0] ?? '', 0);
    let seed = 0;
    for (const mode of turns(modes, rounds)) {
      for (const text of SENTENCES) {
        seed += 1;
        heard.get(mode)?.push(await listen(pair.url, mode, text, seed));
      }
    }
  } catch (error) {
    process.stderr.write(`${lastLines.join('\n')}\n`);
    throw error;
  } finally {
    await pair.stop();
  }
  return {
    what: 'http',
    title: `${subject.kind} checkpoint through both halves, ${precision} on ${device}, ${threads} threads: GET /v1/audio/speech as wav, ${rounds * SENTENCES.length} takes a mode, one after another`,
    rows: [...heard].map(([mode, takes]) => {
      const first = takes.map(({ firstAudioMs }) => firstAudioMs);
      const factors = takes.map(({ totalMs, audioSeconds }) => totalMs / 1_000 / audioSeconds);
      return {
        mode,
        'first audio p50 ms': quantile(first, 0.5),
        'first audio p95 ms': quantile(first, 0.95),
        'RTF p50': quantile(factors, 0.5),
        'RTF p95': quantile(factors, 0.95),
      };
    }),
  };
}

const NOWHERE: Sink = {
  write: () => Promise.resolve(),
  finish: () => Promise.resolve(),
  abandon: () => Promise.resolve(null),
};

async function listen(
  url: string,
  latency: LatencyMode,
  input: string,
  seed: number,
): Promise<Heard> {
  const query = new URLSearchParams({ input, latency, seed: String(seed), response_format: 'wav' });
  const beganMs = performance.now();
  const response = await fetch(`${url}/v1/audio/speech?${query.toString()}`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok || response.body === null)
    throw new Error(`The edge answered ${response.status}: ${await response.text()}`);
  const received = await receiveWav(response.body, {
    sink: NOWHERE,
    beganMs,
    now: () => performance.now(),
    onProgress: () => undefined,
  });
  return { ...received, totalMs: performance.now() - beganMs };
}
