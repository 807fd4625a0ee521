/** GET /v1/requests/{id}: what a request has cost, sentence by sentence. */
import { Hono } from 'hono';
import { SpeechFault } from '#shared/errors.ts';
import type { SentenceRecord } from '#shared/protocol/request-record.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import type { AppEnv, Services } from '../services.ts';

export function requestsRoute({ findRecord }: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/:id', async (c) => {
      const record = await findRecord(c.req.param('id'), c.get('caller').keyId, c.req.raw.signal);
      if (record === null) {
        throw new SpeechFault(
          'not_found',
          'No request of this id is remembered: X-Request-Id of an answer has it, once a sentence of it has ended, and the last ones are kept.',
        );
      }
      c.header('Cache-Control', 'no-store');
      return c.json({
        id: record.id,
        object: 'speech.request',
        sentences: record.sentences.map(sentenceBody),
      });
    })
    .all('/:id', onlyMethods('GET', 'HEAD'));
}

function sentenceBody({ row, outcome, samples, report }: SentenceRecord): Record<string, unknown> {
  if (report === null) return { row, outcome, samples };
  const { queueMs, firstAudioMs, totalMs, ...stages } = report;
  return {
    row,
    outcome,
    samples,
    queue_ms: tenths(queueMs),
    first_audio_ms: tenths(firstAudioMs),
    total_ms: tenths(totalMs),
    ...Object.fromEntries(
      Object.entries(stages).map(([stage, { ms, steps }]) => [stage, { ms: tenths(ms), steps }]),
    ),
  };
}

/** Finer than that is noise to a reader. */
function tenths(ms: number): number {
  return Math.round(10 * ms) / 10;
}
