/** /listen/{token}/...: what a signed URL plays: live while it is made, then a file that can be sought in. */
import { Hono, type Context } from 'hono';
import { FORMATS } from '#shared/audio/formats.ts';
import { SpeechFault } from '#shared/errors.ts';
import { CAPTION_MEDIA_TYPES, subRip, webVtt, type CaptionName } from '../delivery/captions.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import type { AppEnv, Services } from '../services.ts';
import type { FileFacts } from '../urls/file-store.ts';
import { readListenToken } from '../urls/listen-token.ts';
import { readOrder } from '../urls/orders.ts';

type Urls = NonNullable<Services['urls']>;

/** A listener whose URL is good. */
interface Listener {
  readonly urls: Urls;
  readonly id: string;
  /** Null once no new file can be made of it. */
  readonly order: string | null;
  readonly secondsLeft: number;
}

export function listenRoute(services: Services): Hono<AppEnv> {
  const listener = async (c: Context<AppEnv>): Promise<Listener> => {
    const { urls, now, keys, access } = services;
    // local development signs with what everyone knows
    if (keys === null) await access.identify(c.req.raw);
    const token = c.req.param('token') ?? '';
    const claims = urls === null ? null : await readListenToken(urls.signer, token);
    if (urls === null || claims === null) {
      throw new SpeechFault('forbidden', 'This URL was not signed here, or was changed.');
    }
    const secondsLeft = claims.expires - Math.floor(now() / 1_000);
    if (secondsLeft <= 0) {
      throw new SpeechFault('forbidden', 'This URL has expired; ask for a new one.');
    }
    const order = await urls.store.getOrder(claims.order);
    return { urls, id: claims.order, order, secondsLeft };
  };

  return new Hono<AppEnv>()
    .get('/:token/:name{speech\\.[a-z0-9]+}', async (c) => {
      const asked = await listener(c);
      assertName(c.req.param('name'), asked);
      const kept = await keptFile(asked, c.req.raw);
      if (kept !== null) return kept;
      const order = orderOf(asked);
      if (c.req.method === 'HEAD') {
        const { format, sampleRate } = readOrder(order).audio;
        return new Response(null, {
          headers: {
            'Content-Type': FORMATS[format].mediaType(sampleRate),
            'Cache-Control': 'no-store',
            'Accept-Ranges': 'bytes',
          },
        });
      }
      return asked.urls.room(asked.id).audio(asked.id, order, c.req.header('Range') ?? null);
    })
    .get('/:token/captions.vtt', async (c) =>
      captions(webVtt((await factsOf(await listener(c))).sentences), 'vtt'),
    )
    .get('/:token/captions.srt', async (c) =>
      captions(subRip((await factsOf(await listener(c))).sentences), 'srt'),
    )
    .all('/:token/:name', onlyMethods('GET', 'HEAD'));
}

async function keptFile(
  { urls, id, secondsLeft }: Listener,
  { headers, method }: Request,
): Promise<Response | null> {
  const object = await urls.store.get(id, headers);
  if (object === null) return null;
  const ifRange = headers.get('If-Range');
  const response = { secondsLeft, method };
  if (ifRange === null || ifRange === object.httpEtag) {
    return fileResponse(object, { ...response, headers });
  }
  // a range of something else is asked for: RFC 9110 section 13.1.5
  const whole = new Headers(headers);
  whole.delete('Range');
  const anew = await urls.store.get(id, whole);
  return anew === null ? null : fileResponse(anew, { ...response, headers: whole });
}

async function factsOf(asked: Listener): Promise<FileFacts> {
  const { urls, id } = asked;
  return (await urls.store.facts(id)) ?? urls.room(id).facts(id, orderOf(asked));
}

function orderOf({ order }: Listener): string {
  if (order !== null) return order;
  throw new SpeechFault('not_found', 'What this URL plays is no longer kept; ask for a new one.');
}

/** Players take the ending for the format, so no other is answered. */
function assertName(name: string, { order }: Listener): void {
  if (order === null) return;
  const { format } = readOrder(order).audio;
  if (name === `speech.${format}`) return;
  throw new SpeechFault(
    'not_found',
    `This URL plays speech.${format}; ask for a URL of another format.`,
  );
}

function captions(text: string, name: CaptionName): Response {
  return new Response(text, {
    headers: { 'Content-Type': CAPTION_MEDIA_TYPES[name], 'Cache-Control': 'private, max-age=60' },
  });
}

/** Several ranges at once, and other units, are answered with the whole. */
const SINGLE_RANGE = /^bytes=(?:(\d{1,15})-\d{0,15}|-\d{1,15})$/;

/** A finished file, as RFC 9110 has ranges and conditions. */
function fileResponse(
  object: R2Object | R2ObjectBody,
  asked: { readonly secondsLeft: number; readonly headers: Headers; readonly method: string },
): Response {
  const headers = new Headers({
    'Content-Type': object.httpMetadata?.contentType ?? 'application/octet-stream',
    ETag: object.httpEtag,
    'Last-Modified': object.uploaded.toUTCString(),
    'Accept-Ranges': 'bytes',
    'Cache-Control': `private, max-age=${asked.secondsLeft}, immutable`,
  });
  if (!('body' in object)) {
    // a condition did not hold: RFC 9110 section 13.2.2
    const isMissed = asked.headers.has('If-Match') || asked.headers.has('If-Unmodified-Since');
    return new Response(null, { status: isMissed ? 412 : 304, headers });
  }
  const { range, size } = object;
  const wanted = SINGLE_RANGE.exec(asked.headers.get('Range') ?? '');
  if (Number(wanted?.[1] ?? 0) >= size) {
    headers.set('Content-Range', `bytes */${size}`);
    return new Response(null, { status: 416, headers });
  }
  const part = wanted === null || range === undefined ? null : partOf(range, size);
  headers.set('Content-Length', String(part?.length ?? size));
  if (part !== null) {
    headers.set('Content-Range', `bytes ${part.offset}-${part.offset + part.length - 1}/${size}`);
  }
  const body = asked.method === 'HEAD' ? null : object.body;
  return new Response(body, { status: part === null ? 200 : 206, headers });
}

function partOf(range: R2Range, size: number): { offset: number; length: number } {
  // the runtime names all three, undefined where they are not meant
  const { offset, length, suffix }: { offset?: number; length?: number; suffix?: number } = range;
  if (suffix !== undefined) {
    const tail = Math.min(size, suffix);
    return { offset: size - tail, length: tail };
  }
  const first = offset ?? 0;
  return { offset: first, length: length ?? size - first };
}
