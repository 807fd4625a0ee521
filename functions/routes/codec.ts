/** GET /v1/codec/{sha256}.onnx: the file that decodes codes, from the backend; under its hash it never changes. */
import { Hono } from 'hono';
import { SpeechFault } from '#shared/errors.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import { requireScope } from '../guards/identify.ts';
import type { AppEnv, Services } from '../services.ts';

/** How long a browser keeps it: for good. */
const FOR_EVER = 'private, max-age=31536000, immutable';

export function codecRoute({ findDecoder, synthesizer }: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .use(requireScope('read'))
    .get('/:file', async (c) => {
      const [, sha256] = FILE_NAME.exec(c.req.param('file')) ?? [];
      if (sha256 === undefined) throw new SpeechFault('not_found', NO_NAME);
      const etag = `"${sha256}"`;
      const headers = { ETag: etag, 'Cache-Control': FOR_EVER };
      if (c.req.header('If-None-Match')?.includes(etag) === true) {
        return new Response(null, { status: 304, headers });
      }
      const { signal } = c.req.raw;
      const type = { 'Content-Type': 'application/octet-stream' };
      if (c.req.method === 'HEAD') {
        // what the backend says of itself will do: it makes the file when it is asked for
        const session = await synthesizer.connect(signal);
        const { codes } = session.info;
        session.close();
        if (codes?.decoder !== sha256) throw new SpeechFault('not_found', ANOTHER);
        return new Response(null, { headers: { ...headers, ...type } });
      }
      const file = await findDecoder(sha256, signal);
      if (file === null) throw new SpeechFault('not_found', ANOTHER);
      return new Response(file.bytes, {
        headers: { ...headers, ...type, 'Content-Length': String(file.sizeBytes) },
      });
    })
    .all('/:file', onlyMethods('GET', 'HEAD'));
}

const FILE_NAME = /^([0-9a-f]{64})\.onnx$/;

const ANOTHER =
  'The backend has another decoder by now: ask for the text again, whose codes name it.';

const NO_NAME =
  'A decoder is asked for by its SHA-256 and `.onnx`; the header of a stream of codes has it.';
