/** POST and GET /v1/audio/speech: text in, audio streamed out. */
import { Hono, type Context } from 'hono';
import type { Encoder } from '#shared/audio/encoder.ts';
import { FORMATS } from '#shared/audio/formats.ts';
import { byteStream } from '../delivery/byte-stream.ts';
import { headerText } from '../delivery/header-text.ts';
import { encodedAudio } from '../delivery/http-audio.ts';
import { withSilences } from '../delivery/silences.ts';
import { audioEvents, SSE_MEDIA_TYPE } from '../delivery/sse-audio.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import { limitHeaders } from '../guards/identify.ts';
import { readJsonBody } from '../guards/read-body.ts';
import type { AppEnv, Services } from '../services.ts';
import { beginSpeech, chooseVoice, NO_VOICE, type Speech } from '../speech/begin-speech.ts';
import type { CacheUse } from '../takes/caching-synthesizer.ts';
import { assertModel } from '../speech/model-names.ts';
import { SpeechTally } from '../speech/speech-tally.ts';
import { errorBody } from './fault-response.ts';
import { preferredWaitMs } from './prefer-wait.ts';
import { parseSpeechQuery, parseSpeechRequest, type SpeechRequest } from './speech-request.ts';

export function speechRoute(services: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .post('/', async (c) => {
      const request = parseSpeechRequest(await readJsonBody(c.req.raw));
      return speak(c, services, request);
    })
    .get('/', async (c) => {
      const request = parseSpeechQuery(new URL(c.req.url).searchParams);
      return c.req.method === 'HEAD'
        ? describeSpeech(c, services, request)
        : speak(c, services, request);
    })
    .all('/', onlyMethods('GET', 'HEAD', 'POST'));
}

/** What GET would answer, without a word spoken. */
async function describeSpeech(
  c: Context<AppEnv>,
  services: Services,
  request: SpeechRequest,
): Promise<Response> {
  await c.get('caller').admit('read', 0);
  const checkpoint = await services.checkpoint.get();
  assertModel(request.model, checkpoint.manifest.model);
  const voice = chooseVoice(request.order.voice, checkpoint);
  return new Response(null, {
    headers: {
      ...streamHeaders(request),
      'X-Model': headerText(checkpoint.manifest.model),
      'X-Voice': headerText(voice?.id ?? NO_VOICE),
    },
  });
}

async function speak(
  c: Context<AppEnv>,
  services: Services,
  request: SpeechRequest,
): Promise<Response> {
  const log = c.get('log');
  log.note({ characters: request.characters });
  const gone = new AbortController();
  const signal = AbortSignal.any([c.req.raw.signal, gone.signal]);
  const { manifest } = await services.checkpoint.get();
  assertModel(request.model, manifest.model);
  const openEncoder = await services.encoders.prepare(request.audio);
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

  const encoder = (): Encoder => openEncoder(speech.sampleRate);
  const body =
    request.delivery === 'sse'
      ? audioEvents(withSilences(encodedAudio(tally.pcm(), encoder)), () => tally.done, errorBody)
      : encodedAudio(withSilences(tally.pcm()), encoder);
  const logged = thenDo(body, async () => {
    log.note(tally.facts);
    if (tally.failure !== undefined) log.noteFault(tally.failure);
    log.streamEnded();
    // what nobody heard a sound of costs nothing
    if (tally.isSilent) await admission.refund();
  });
  return new Response(
    byteStream(logged, () => gone.abort()),
    {
      headers: {
        ...streamHeaders(request),
        ...speechHeaders(speech),
        ...(patienceMs === null ? {} : { 'Preference-Applied': `wait=${patienceMs / 1_000}` }),
        ...limitHeaders(admission.allowance),
      },
    },
  );
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

function streamHeaders({ delivery, audio, ignored }: SpeechRequest): Record<string, string> {
  return {
    'Content-Type':
      delivery === 'sse' ? SSE_MEDIA_TYPE : FORMATS[audio.format].mediaType(audio.sampleRate),
    'Cache-Control': 'no-store',
    // what is spoken once can not be asked for in parts
    'Accept-Ranges': 'none',
    ...(ignored.length === 0 ? {} : { 'X-Ignored-Fields': ignored.join(', ') }),
  };
}

function speechHeaders(speech: Speech): Record<string, string> {
  return {
    'X-Take-Id': speech.take,
    'X-Cache': speech.cache.toUpperCase(),
    'X-Seed': String(speech.seed),
    'X-Model': headerText(speech.model),
    'X-Voice': headerText(speech.voice ?? NO_VOICE),
    'Server-Timing': Object.entries(speech.timings)
      .map(([step, ms]) => `${step};dur=${ms}`)
      .join(', '),
  };
}
