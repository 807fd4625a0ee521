/** /v1/text-to-speech/{voice}: ElevenLabs' HTTP API, so that their clients need another base URL and nothing else. */
import { Hono, type Context } from 'hono';
import { FORMATS } from '#shared/audio/formats.ts';
import { timedDocument, timedLines } from '../delivery/timed-audio.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import { readJsonBody } from '../guards/read-body.ts';
import type { AppEnv, Services } from '../services.ts';
import { cuesHeard } from '../speech/cues-heard.ts';
import { answerSpeech, type BegunSpeech } from './answer-speech.ts';
import { parseElevenLabsRequest } from './elevenlabs-request.ts';
import type { SpeechRequest } from './speech-request.ts';

const JSON_MEDIA_TYPE = 'application/json';
const LINES_MEDIA_TYPE = 'application/x-ndjson';

export function textToSpeechRoute(services: Services): Hono<AppEnv> {
  const audio = async (c: Context<AppEnv>): Promise<Response> => {
    const request = await readRequest(c);
    const { format, sampleRate } = request.audio;
    return answerSpeech(c, services, request, ({ bytes }) => ({
      headers: {
        ...theirHeaders(c, request),
        'Content-Type': FORMATS[format].mediaType(sampleRate),
      },
      body: bytes(true),
    }));
  };
  const timed =
    (write: typeof timedLines, mediaType: string) =>
    async (c: Context<AppEnv>): Promise<Response> => {
      const request = await readRequest(c);
      return answerSpeech(c, services, request, (begun) => ({
        headers: { ...theirHeaders(c, request), 'Content-Type': mediaType },
        body: write(begun.bytes(false), takeCues(begun, request)),
      }));
    };
  return (
    new Hono<AppEnv>()
      // the ids of Bark's voices have a slash, which a caller may or may not have escaped
      .post('/:voice{.+}/stream/with-timestamps', timed(timedLines, LINES_MEDIA_TYPE))
      .post('/:voice{.+}/with-timestamps', timed(timedDocument, JSON_MEDIA_TYPE))
      .post('/:voice{.+}/stream', audio)
      .post('/:voice{.+}', audio)
      .all('/:voice{.+}', onlyMethods('POST'))
  );
}

async function readRequest(c: Context<AppEnv>): Promise<SpeechRequest> {
  const voice = c.req.param('voice') ?? '';
  return parseElevenLabsRequest(await readJsonBody(c.req.raw), voice, c.req.query());
}

function takeCues({ speech }: BegunSpeech, { order, audio }: SpeechRequest): () => CueList {
  return cuesHeard(order.text, speech, audio.speed);
}

type CueList = ReturnType<ReturnType<typeof cuesHeard>>;

/** What their clients read: the cost in characters, and a name of the request. */
function theirHeaders(c: Context<AppEnv>, { characters }: SpeechRequest): Record<string, string> {
  return { 'character-cost': String(characters), 'request-id': c.get('requestId') };
}
