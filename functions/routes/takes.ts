/** /v1/takes/{id}: what a take has cost, and its sound again, in any format, from what is kept. */
import { Hono, type Context } from 'hono';
import { FORMATS, type AudioShape, type CodesShape } from '#shared/audio/formats.ts';
import { codesEncoder } from '#shared/codec/codes-stream.ts';
import { SpeechFault } from '#shared/errors.ts';
import { byteStream } from '../delivery/byte-stream.ts';
import { encodedAudio } from '../delivery/http-audio.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import { requireScope } from '../guards/identify.ts';
import type { AppEnv, Services } from '../services.ts';
import { codesJoiner, sampleJoiner, type Joiner } from '../speech/joiners.ts';
import { speakSentences } from '../speech/speak-sentences.ts';
import { keptSentence } from '../takes/replay.ts';
import { keptKey } from '../takes/sentence-key.ts';
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
  services: Services,
  record: TakeRecord,
  audio: AudioShape | CodesShape,
): Promise<Response> {
  const gone = new AbortController();
  const bytes =
    audio.format === 'codes'
      ? await replayedCodes(services, record, gone.signal)
      : await replayedSamples(services, record, audio, gone.signal);
  return new Response(
    byteStream(bytes, () => gone.abort()),
    {
      headers: {
        'Content-Type': FORMATS[audio.format].mediaType(audio.sampleRate),
        'X-Take-Id': record.id,
        'X-Cache': 'HIT',
        // a take never changes
        'Cache-Control': 'private, max-age=3600, immutable',
        'Accept-Ranges': 'none',
      },
    },
  );
}

type Bytes = AsyncGenerator<Uint8Array, void, undefined>;

async function replayedSamples(
  services: Services,
  { sampleRate, sentences }: TakeRecord,
  audio: AudioShape,
  signal: AbortSignal,
): Promise<Bytes> {
  const openEncoder = await services.encoders.prepare(audio);
  const pieces = await keptPieces(services, sentences, sampleJoiner(sampleRate), signal);
  return encodedAudio(pieces, () => openEncoder(sampleRate));
}

async function replayedCodes(
  services: Services,
  { sentences, codes }: TakeRecord,
  signal: AbortSignal,
): Promise<Bytes> {
  if (codes === undefined) {
    throw new SpeechFault(
      'not_found',
      'The codes of this take are not kept; ask for its text as codes, or for another format.',
      { param: 'response_format' },
    );
  }
  const keys = sentences.map((key) => keptKey(key, codes.decoder));
  const pieces = await keptPieces(services, keys, codesJoiner(codes), signal);
  return encodedAudio(pieces, () => codesEncoder(codes));
}

/** Sentences by what they are kept under, put together; throws the fault of the first. */
async function keptPieces<Piece>(
  { takes }: Services,
  keys: readonly string[],
  joiner: Joiner<Piece>,
  signal: AbortSignal,
): Promise<AsyncGenerator<Piece, void, undefined>> {
  if (takes === null) throw new SpeechFault('not_found', 'Nothing is kept here.');
  const speak = (row: number): ReturnType<typeof keptSentence> =>
    keptSentence(takes.store, keys[row]);
  const first = speak(0);
  await first.accepted;
  const spans = keys.map(() => ({}));
  return speakSentences({ joiner, speak, spans, first, signal, onReport: () => undefined });
}
