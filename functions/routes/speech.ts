/** POST and GET /v1/audio/speech: text in, audio streamed out. */
import { Hono, type Context } from 'hono';
import { FORMATS } from '#shared/audio/formats.ts';
import { SpeechFault } from '#shared/errors.ts';
import { headerText } from '../delivery/header-text.ts';
import { withSilences } from '../delivery/silences.ts';
import { audioEvents, SSE_MEDIA_TYPE } from '../delivery/sse-audio.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import { limitHeaders } from '../guards/identify.ts';
import { readJsonBody } from '../guards/read-body.ts';
import type { Admission, Caller } from '../keys/access.ts';
import type { AppEnv, Services } from '../services.ts';
import { chooseVoice, NO_VOICE } from '../speech/begin-speech.ts';
import { assertModel } from '../speech/model-names.ts';
import { answerSpeech, effectHeaders } from './answer-speech.ts';
import { errorBody } from './fault-response.ts';
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
  const { allowance } = await admitEither(c.get('caller'));
  const checkpoint = await services.checkpoint.get();
  assertModel(request.model, checkpoint.manifest.model);
  const voice = chooseVoice(request.order.voice, checkpoint);
  return new Response(null, {
    headers: {
      'Cache-Control': 'no-store',
      ...streamHeaders(request),
      ...effectHeaders(request),
      'X-Model': headerText(checkpoint.manifest.model),
      'X-Voice': headerText(voice?.id ?? NO_VOICE),
      ...limitHeaders(allowance),
    },
  });
}

/** Whoever may speak may ask how it would be; whoever may read, too. */
async function admitEither(caller: Caller): Promise<Admission> {
  try {
    return await caller.admit('speech', 0);
  } catch (error) {
    if (SpeechFault.from(error).code !== 'forbidden') throw error;
    return caller.admit('read', 0);
  }
}

async function speak(
  c: Context<AppEnv>,
  services: Services,
  request: SpeechRequest,
): Promise<Response> {
  return answerSpeech(c, services, request, ({ bytes, done }) => ({
    headers: streamHeaders(request),
    body:
      request.delivery === 'sse'
        ? audioEvents(withSilences(bytes(false)), done, errorBody)
        : bytes(true),
  }));
}

function streamHeaders({ delivery, audio }: SpeechRequest): Record<string, string> {
  return {
    'Content-Type':
      delivery === 'sse' ? SSE_MEDIA_TYPE : FORMATS[audio.format].mediaType(audio.sampleRate),
    // what is spoken once can not be asked for in parts
    'Accept-Ranges': 'none',
  };
}
