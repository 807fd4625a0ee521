/** GET /v1/requests/{id}: what a request has cost, sentence by sentence, and where it cost nothing. */
import { Hono } from 'hono';
import { SpeechFault } from '#shared/errors.ts';
import type { SentenceRecord } from '#shared/protocol/request-record.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import type { AppEnv, Services } from '../services.ts';
import type { HeardSentenceRecord } from '../takes/request-store.ts';

export function requestsRoute({ findRecord, requests }: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/:id', async (c) => {
      const id = c.req.param('id');
      const { keyId: caller } = c.get('caller');
      const known = (await requests?.get({ caller, id })) ?? null;
      // a backend that is not there is not missed
      const isAll = known !== null && known.heard.length === known.sentences;
      const record = isAll ? null : await findRecord(id, caller, c.req.raw.signal);
      if (known === null && record === null) throw new SpeechFault('not_found', NOT_KNOWN);
      const heard = known?.heard ?? [];
      c.header('Cache-Control', 'no-store');
      return c.json({
        id,
        object: 'speech.request',
        sentences: [
          ...(record?.sentences ?? []).map((sentence) => ({
            row: sentence.row,
            body: sentenceBody(sentence),
          })),
          ...heard.map((sentence) => ({ row: sentence.row, body: heardBody(sentence) })),
        ]
          .toSorted((a, b) => a.row - b.row)
          .map(({ body }) => body),
      });
    })
    .all('/:id', onlyMethods('GET', 'HEAD'));
}

const NOT_KNOWN =
  'No request of this id is remembered: X-Request-Id of an answer has it, once a sentence of it was accepted by the backend or all was heard, and the last ones are kept.';

/** It cost nothing, so it has no times. */
function heardBody({ row, origin, samples, leader }: HeardSentenceRecord): Record<string, unknown> {
  return {
    row,
    origin,
    outcome: 'done',
    samples,
    ...(leader === undefined ? {} : { leader }),
  };
}

function sentenceBody({ row, outcome, samples, report }: SentenceRecord): Record<string, unknown> {
  const origin = 'spoken';
  if (report === null) return { row, origin, outcome, samples };
  const { queueMs, firstAudioMs, totalMs, ...stages } = report;
  return {
    row,
    origin,
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
