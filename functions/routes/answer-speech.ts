/** What every route that speaks has in common: who asks pays, speech begins, its bytes stream, and the log gets its line. */
import type { Context } from 'hono';
import type { Encoder } from '#shared/audio/encoder.ts';
import { codesEncoder } from '#shared/codec/codes-stream.ts';
import { byteStream } from '../delivery/byte-stream.ts';
import { headerText } from '../delivery/header-text.ts';
import { encodedAudio } from '../delivery/http-audio.ts';
import { withSilences } from '../delivery/silences.ts';
import { timedEncoder } from '../delivery/timed-encoder.ts';
import { limitHeaders } from '../guards/identify.ts';
import type { AppEnv, Services } from '../services.ts';
import type { RequestName } from '../takes/request-store.ts';
import { beginSpeech, NO_VOICE, type Speech } from '../speech/begin-speech.ts';
import { assertModel } from '../speech/model-names.ts';
import { SpeechTally } from '../speech/speech-tally.ts';
import type { CacheUse } from '../takes/caching-synthesizer.ts';
import { preferredWaitMs } from './prefer-wait.ts';
import type { SpeechRequest } from './speech-request.ts';

/** Speech that has begun, and is to be answered with. */
export interface BegunSpeech {
  readonly speech: Speech;
  /** Its sound in the format that is asked for, once; kept alive or not while there is nothing to hear. */
  readonly bytes: (isKeptAlive: boolean) => AsyncGenerator<Uint8Array, void, undefined>;
  /** What is known of it once it has passed. */
  readonly done: () => SpeechTally['done'];
}

/** The bytes of the body, and what its headers add. */
interface Answer {
  readonly body: AsyncIterable<Uint8Array>;
  readonly headers: Record<string, string>;
}

export async function answerSpeech(
  c: Context<AppEnv>,
  services: Services,
  request: SpeechRequest,
  answer: (begun: BegunSpeech) => Answer,
): Promise<Response> {
  const log = c.get('log');
  log.note({ characters: request.characters });
  const gone = new AbortController();
  const signal = AbortSignal.any([c.req.raw.signal, gone.signal]);
  const { manifest } = await services.checkpoint.get();
  assertModel(request.model, manifest.model);
  const { audio } = request;
  const openEncoder = audio.format === 'codes' ? null : await services.encoders.prepare(audio);
  const admission = await c.get('caller').admit('speech', request.characters);
  const cache = cacheUse(c.req.header('Cache-Control'));
  const patienceMs = preferredWaitMs(c.req.header('Prefer'));
  const asker = { requestId: c.get('requestId'), caller: c.get('caller').keyId, patienceMs };
  const speech = await beginSpeech(services, { ...request.order, asker, cache }, signal).catch(
    async (error: unknown) => {
      await admission.refund();
      throw error;
    },
  );
  const tally = new SpeechTally(speech);
  log.streamBegins();

  const { body, headers } = answer({
    speech,
    bytes: (isKeptAlive) => encodedSpeech({ services, speech, tally, openEncoder, isKeptAlive }),
    done: () => tally.done,
  });
  const logged = thenDo(body, async () => {
    log.note(tally.facts);
    if (tally.failure !== undefined) log.noteFault(tally.failure);
    else await keepRecord(services, speech, tally);
    keepHeard(services, { caller: asker.caller, id: asker.requestId }, speech);
    log.streamEnded();
    // an encoder that can not begin leaves the sound behind, which nobody has asked for yet
    gone.abort();
    // what nobody heard a sound of costs nothing
    if (tally.isSilent) await admission.refund();
  });
  return new Response(
    byteStream(logged, () => gone.abort()),
    {
      headers: {
        'Cache-Control': 'no-store',
        ...headers,
        ...effectHeaders(request),
        ...speechHeaders(speech),
        ...(patienceMs === null ? {} : { 'Preference-Applied': `wait=${patienceMs / 1_000}` }),
        ...limitHeaders(admission.allowance),
      },
    },
  );
}

interface Encoding {
  readonly services: Services;
  readonly speech: Speech;
  readonly tally: SpeechTally;
  /** Null for codes, which are sent as they are. */
  readonly openEncoder: ((inputRate: number) => Encoder) | null;
  readonly isKeptAlive: boolean;
}

function encodedSpeech(encoding: Encoding): AsyncGenerator<Uint8Array, void, undefined> {
  const { services, speech, tally, openEncoder, isKeptAlive } = encoding;
  const encode = <Piece>(
    pieces: AsyncIterable<Piece>,
    open: () => Encoder<Piece>,
  ): AsyncGenerator<Uint8Array, void, undefined> =>
    tally.watched(
      encodedAudio(isKeptAlive ? withSilences(pieces) : pieces, () =>
        timedEncoder(open(), services.now, (ms) => tally.encoded(ms)),
      ),
    );
  const { sound, sampleRate } = speech;
  if (sound.kind === 'codes') return encode(tally.codes(), () => codesEncoder(sound.layout));
  if (openEncoder === null) throw new TypeError('Samples need an encoder.');
  return encode(tally.pcm(), () => openEncoder(sampleRate));
}

/** What `/v1/takes` tells later; without it the speech was no less heard. */
async function keepRecord(services: Services, speech: Speech, tally: SpeechTally): Promise<void> {
  const { takeRecords } = services;
  if (takeRecords === null || speech.cache === 'bypass') return;
  const { take: id, sampleRate, keys, layout } = speech;
  const codes = layout === null ? {} : { codes: layout };
  const record = { id, sampleRate, sentences: [...keys], ...codes, facts: { ...tally.done } };
  try {
    // what was kept from before cost nothing, and has its record; but sentences of other texts may make a new take
    if (speech.cache === 'hit' && (await takeRecords.get(id)) !== null) return;
    await takeRecords.put(record);
  } catch {
    // as if it were not kept
  }
}

/** What `/v1/requests` tells of sentences that the backend did not speak for this request. */
function keepHeard(
  { requests, keepAlive }: Services,
  name: RequestName,
  { acceptances, sentences }: Speech,
): void {
  const heard = acceptances.flatMap(({ origin, leader }, row) => {
    if (origin === 'spoken') return [];
    const { fromSample = 0, toSample = fromSample } = sentences[row] ?? {};
    return [
      { row, origin, samples: toSample - fromSample, ...(leader === undefined ? {} : { leader }) },
    ];
  });
  if (requests === null || heard.length === 0) return;
  const record = { sentences: sentences.length, heard };
  keepAlive(requests.put(name, record).catch(() => undefined));
}

/** What was made of `instructions`, and the fields that have no effect, where there are any. */
export function effectHeaders({ ignored, understood }: SpeechRequest): Record<string, string> {
  return {
    ...(ignored.length === 0 ? {} : { 'X-Ignored-Fields': ignored.join(', ') }),
    ...(understood.length === 0 ? {} : { 'X-Applied-Instructions': understood.join(', ') }),
  };
}

/** As RFC 9111 section 5.2.1 has it: what a client does not want to be kept, and what it wants anew. */
function cacheUse(cacheControl = ''): CacheUse | 'none' {
  const directives = cacheControl.toLowerCase().split(/[\s,]+/);
  if (directives.includes('no-store')) return 'none';
  return directives.includes('no-cache') ? 'refresh' : 'read';
}

/** The same chunks; `last` runs once, however they end. */
async function* thenDo<Chunk>(
  chunks: AsyncIterable<Chunk>,
  last: () => Promise<void>,
): AsyncGenerator<Chunk, void, undefined> {
  try {
    yield* chunks;
  } finally {
    await last();
  }
}

function speechHeaders(speech: Speech): Record<string, string> {
  return {
    'X-Take-Id': speech.take,
    'X-Cache': speech.cache.toUpperCase(),
    'X-Seed': String(speech.seed),
    'X-Model': headerText(speech.model),
    'X-Voice': headerText(speech.voice ?? NO_VOICE),
    'Server-Timing': serverTiming(speech),
  };
}

/** Steps in milliseconds, and the place in the backend's queue, which has just begun to count down. */
function serverTiming({ timings, position }: Speech): string {
  return [
    ...Object.entries(timings).map(([step, ms]) => `${step};dur=${ms}`),
    ...(position === undefined ? [] : [`queue;desc="${position}"`]),
  ].join(', ');
}
