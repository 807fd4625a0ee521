/** GET / and /playground/{file}: the playground, from where the checkpoint's files are staged too. */
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { SpeechFault } from '#shared/errors.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import type { AppEnv, Services } from '../services.ts';
import { pageHeaders } from './page-headers.ts';

/** What is served of it, and as what. */
const FILES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'main.js': 'text/javascript; charset=utf-8',
  'playground.css': 'text/css; charset=utf-8',
  'docs.css': 'text/css; charset=utf-8',
};

export function playgroundRoute({ files }: Pick<Services, 'files'>): Hono<AppEnv> {
  const answer = async (name: string): Promise<Response> => {
    const mediaType = FILES[name];
    const bytes = mediaType === undefined ? null : await files.read(`playground/${name}`);
    if (mediaType === undefined || bytes === null) {
      throw new SpeechFault('not_found', NOT_STAGED);
    }
    return new Response(bytes, {
      headers: { 'Content-Type': mediaType, 'Cache-Control': 'no-cache' },
    });
  };
  return new Hono<AppEnv>()
    .get('/', etag(), pageHeaders(), () => answer('index.html'))
    .all('/', onlyMethods('GET', 'HEAD'))
    .get('/playground/:file', etag(), pageHeaders(), (c) => answer(c.req.param('file')))
    .all('/playground/:file', onlyMethods('GET', 'HEAD'));
}

const NOT_STAGED =
  'There is no page here: `npm run stage` makes the playground. The API is described at /docs.';
