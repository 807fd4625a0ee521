/** GET / and /playground/{file}: the playground, from where the checkpoint's files are staged too. */
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { SpeechFault } from '#shared/errors.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import type { AppEnv, Services } from '../services.ts';
import { pageHeaders } from './page-headers.ts';

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

/** What is served of it, and as what. */
const FILES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'main.js': SCRIPT,
  'codec-wasm.js': SCRIPT,
  'codec-webgpu.js': SCRIPT,
  'playground.css': STYLE,
  'docs.css': STYLE,
};

/** ONNX Runtime, by its version: what has such a name never changes. */
const RUNTIME_FILE = /^ort-\d+\.\d+\.\d+(?:-jspi)?\.(mjs|wasm)$/;
const RUNTIME_TYPES: Readonly<Record<string, string>> = { mjs: SCRIPT, wasm: 'application/wasm' };
const FOR_EVER = 'public, max-age=31536000, immutable';

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
  // of 14 MB and more: passed on as they come, and known by their name
  const runtime = async (name: string, extension: string): Promise<Response> => {
    const bytes = await files.open(`playground/${name}`);
    if (bytes === null) throw new SpeechFault('not_found', NOT_STAGED);
    return new Response(bytes, {
      headers: { 'Content-Type': RUNTIME_TYPES[extension] ?? '', 'Cache-Control': FOR_EVER },
    });
  };
  const page = pageHeaders({ runsWebAssembly: true });
  return new Hono<AppEnv>()
    .get('/', etag(), page, () => answer('index.html'))
    .all('/', onlyMethods('GET', 'HEAD'))
    .get('/playground/:file', page, async (c, next) => {
      const [name, extension] = RUNTIME_FILE.exec(c.req.param('file')) ?? [];
      if (name === undefined || extension === undefined) return next();
      return runtime(name, extension);
    })
    .get('/playground/:file', etag(), (c) => answer(c.req.param('file')))
    .all('/playground/:file', onlyMethods('GET', 'HEAD'));
}

const NOT_STAGED =
  'There is no page here: `npm run stage` makes the playground. The API is described at /docs.';
