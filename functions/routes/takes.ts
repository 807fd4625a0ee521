/** /v1/takes/{id}: what a take has cost, and its sound again, in any format, from what is kept. */
import { Hono, type Context } from 'hono';
import { FORMATS, type AudioShape } from '#shared/audio/formats.ts';
import { SpeechFault } from '#shared/errors.ts';
import { byteStream } from '../delivery/byte-stream.ts';
import { encodedAudio } from '../delivery/http-audio.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import { requireScope } from '../guards/identify.ts';
import type { AppEnv, Services } from '../services.ts';
import { speakSentences } from '../speech/speak-sentences.ts';
import { keptSentence } from '../takes/replay.ts';
import type { TakeRecord } from '../takes/take-store.ts';
import { parseAudioQuery } from './speech-request.ts';

export function takesRoute(services: Services): Hono<AppEnv> {
  const find = async (c: Context<AppEnv>): Promise<TakeRecord> => {
    const record = await services.takeRecords?.get(c.req.param('id') ?? '');
    if (record !== undefined && record !== null) return record;
    throw new SpeechFault(
      'not_found',
      'No take of this id is kept: X-Take-Id of an answer has it, once it was heard to its end.',
    );
  };
  return new Hono<AppEnv>()
    .use(requireScope('read'))
    .get('/:id', async (c) => {
      const { id, sampleRate, sentences, facts } = await find(c);
      c.header('Cache-Control', 'no-store');
      return c.json({
        object: 'speech.take',
        id,
        sample_rate: sampleRate,
        ...facts,
        sentences: sentences.length,
      });
    })
    .get('/:id/audio', async (c) => {
      const record = await find(c);
      return replay(services, record, parseAudioQuery(new URL(c.req.url).searchParams));
    })
    .all('/:id', onlyMethods('GET', 'HEAD'))
    .all('/:id/audio', onlyMethods('GET', 'HEAD'));
}

async function replay(
  { encoders, takes }: Services,
  { id, sampleRate, sentences }: TakeRecord,
  audio: AudioShape,
): Promise<Response> {
  if (takes === null) throw new SpeechFault('not_found', 'Nothing is kept here.');
  const openEncoder = await encoders.prepare(audio);
  const gone = new AbortController();
  const first = keptSentence(takes.store, sentences[0]);
  await first.accepted;
  const pcm = speakSentences({
    sampleRate,
    speak: (row) => keptSentence(takes.store, sentences[row]),
    spans: sentences.map(() => ({})),
    first,
    signal: gone.signal,
    onReport: () => undefined,
  });
  return new Response(
    byteStream(
      encodedAudio(pcm, () => openEncoder(sampleRate)),
      () => gone.abort(),
    ),
    {
      headers: {
        'Content-Type': FORMATS[audio.format].mediaType(audio.sampleRate),
        'X-Take-Id': id,
        'X-Cache': 'HIT',
        // a take never changes
        'Cache-Control': 'private, max-age=3600, immutable',
        'Accept-Ranges': 'none',
      },
    },
  );
}
