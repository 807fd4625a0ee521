/** POST /v1/audio/urls: a URL that plays this speech anywhere, for a time, without a key. Making it is what pays. */
import { Hono } from 'hono';
import * as z from 'zod/mini';
import { SpeechFault } from '#shared/errors.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import { limitHeaders } from '../guards/identify.ts';
import { readJsonBody } from '../guards/read-body.ts';
import type { AppEnv, Services, UrlServices } from '../services.ts';
import { chooseVoice } from '../speech/begin-speech.ts';
import { assertModel } from '../speech/model-names.ts';
import { assertFits, MAX_FILE_CHARACTERS } from '../urls/file-size.ts';
import {
  MAX_URL_SECONDS,
  MIN_URL_SECONDS,
  signListenToken,
  USUAL_URL_SECONDS,
} from '../urls/listen-token.ts';
import { orderId, writeOrder } from '../urls/orders.ts';
import type { FileOrder } from '../urls/speak-file.ts';
import { parseFields } from './fields.ts';
import { parseSpeechRequest } from './speech-request.ts';

/** The longest text, each character an escaped surrogate pair, and the other fields. */
export const MAX_FILE_BODY_BYTES = 512 * 1_024;

export const UrlFields = z.object({
  expires_in_seconds: z._default(
    z.int().check(z.minimum(MIN_URL_SECONDS), z.maximum(MAX_URL_SECONDS)),
    USUAL_URL_SECONDS,
  ),
});

export function audioUrlsRoute(services: Services): Hono<AppEnv> {
  const { urls, checkpoint, now } = services;
  return new Hono<AppEnv>()
    .post('/', async (c) => {
      if (urls === null) throw new SpeechFault('not_found', NOT_SET_UP);
      const body = await readJsonBody(c.req.raw, MAX_FILE_BODY_BYTES);
      const request = parseSpeechRequest(body, MAX_FILE_CHARACTERS);
      const { order: speech, audio } = request;
      if (audio.format === 'codes') throw new SpeechFault('invalid_request', NO_CODES, CODES_PARAM);
      const { expires_in_seconds: seconds } = parseFields(UrlFields, body);
      assertFits(speech.text, audio);
      const staged = await checkpoint.get();
      assertModel(request.model, staged.manifest.model);
      chooseVoice(request.order.voice, staged);
      const admission = await c.get('caller').admit('speech', request.characters);
      c.get('log').note({ characters: request.characters });
      const expires = Math.ceil(now() / 1_000) + seconds;
      const token = await keepOrder(urls, { order: speech, audio }, expires).catch(
        async (error: unknown) => {
          await admission.refund();
          throw error;
        },
      );
      const folder = new URL(`/listen/${token}/`, c.req.url);
      return c.json(
        {
          object: 'audio.url',
          url: new URL(`speech.${audio.format}`, folder).href,
          captions: {
            vtt: new URL('captions.vtt', folder).href,
            srt: new URL('captions.srt', folder).href,
          },
          expires_at: new Date(expires * 1_000).toISOString(),
        },
        201,
        { 'Cache-Control': 'no-store', ...limitHeaders(admission.allowance) },
      );
    })
    .all('/', onlyMethods('POST'));
}

/** The token of a URL that plays this until then, in seconds since 1970. */
async function keepOrder(
  { store, signer }: UrlServices,
  fileOrder: FileOrder,
  expires: number,
): Promise<string> {
  const order = writeOrder(fileOrder);
  const id = await orderId(order);
  await store.putOrder(id, order, expires * 1_000);
  return signListenToken(signer, { order: id, expires });
}

const NO_CODES =
  'response_format codes is for listeners that decode, and a URL plays in any player: ask /v1/audio/speech for them, or for another format here.';
const CODES_PARAM = { param: 'response_format' };

const NOT_SET_UP =
  'This edge makes no URLs: the bindings TAKES, TAKE_LEDGER and FILE_ROOM are needed.';
