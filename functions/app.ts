/** The whole edge, read from top to bottom. */
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { requestId } from 'hono/request-id';
import { SpeechFault } from '#shared/errors.ts';
import { identifyCaller, requireScope } from './guards/identify.ts';
import { requestLog } from './guards/request-log.ts';
import { audioUrlsRoute } from './routes/audio-urls.ts';
import { codecRoute } from './routes/codec.ts';
import { docsRoute } from './routes/docs.ts';
import { elevenLabsFault, faultResponse } from './routes/fault-response.ts';
import { healthRoute } from './routes/health.ts';
import { keysRoute } from './routes/keys.ts';
import { listenRoute } from './routes/listen.ts';
import { modelsRoute } from './routes/models.ts';
import { openApiRoute } from './routes/openapi.ts';
import { playgroundRoute } from './routes/playground.ts';
import { requestsRoute } from './routes/requests.ts';
import { speechRoute } from './routes/speech.ts';
import { takesRoute } from './routes/takes.ts';
import { textToSpeechRoute } from './routes/text-to-speech.ts';
import { tokensRoute } from './routes/tokens.ts';
import { usageRoute } from './routes/usage.ts';
import { voiceSearchRoute, voicesRoute } from './routes/voices.ts';
import type { AppEnv, Services } from './services.ts';

export function createApp(services: Services): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(requestId({ limitLength: REQUEST_ID_MAX_CHARACTERS }));
  app.use(requestLog(services.now, services.log));
  app.use(cors({ ...CORS, origin: corsOrigin(services.corsOrigins) }));
  app.route('/', playgroundRoute(services));
  app.route('/docs', docsRoute(services));
  app.route('/openapi.json', openApiRoute(services));
  app.route('/health', healthRoute(services));
  app.route('/listen', listenRoute(services));
  app.use('/v1/*', identifyCaller(services.access));
  app.route('/v1/audio/speech', speechRoute(services));
  app.route('/v1/text-to-speech', textToSpeechRoute(services));
  app.route('/v1/takes', takesRoute(services));
  app.route('/v1/codec', codecRoute(services));
  app.route('/v1/audio/urls', audioUrlsRoute(services));
  app.use('/v1/models/*', requireScope('read'));
  app.route('/v1/models', modelsRoute(services));
  app.route('/v1/voices', voicesRoute(services));
  app.use('/v2/*', identifyCaller(services.access));
  app.route('/v2/voices', voiceSearchRoute(services));
  app.use('/v1/requests/*', requireScope('read'));
  app.route('/v1/requests', requestsRoute(services));
  app.route('/v1/keys', keysRoute(services));
  app.route('/v1/tokens', tokensRoute(services));
  app.route('/v1/usage', usageRoute(services));
  app.notFound(() => faultResponse(new SpeechFault('not_found', NOTHING_HERE)));
  app.onError((error, c) =>
    c.req.path.startsWith('/v1/text-to-speech/') ? elevenLabsFault(error) : faultResponse(error),
  );
  return app;
}

function corsOrigin(origins: readonly string[]): string | string[] {
  return origins.includes('*') ? '*' : [...origins];
}

/** Longer ids of a caller are replaced by one of ours, as are those with other characters than A-Z a-z 0-9 _ - =. */
const REQUEST_ID_MAX_CHARACTERS = 128;

const NOTHING_HERE =
  'There is nothing here; try POST /v1/audio/speech, GET /v1/voices, /v1/models or /health; /docs has all.';

const CORS = {
  allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'],
  // none named: whatever a browser asks for is allowed, as clients send many headers of their own
  exposeHeaders: [
    'Accept-Ranges',
    'Content-Range',
    'ETag',
    'X-Request-Id',
    'X-Take-Id',
    'X-Cache',
    'X-Seed',
    'X-Model',
    'X-Voice',
    'X-Ignored-Fields',
    'X-Applied-Instructions',
    'Server-Timing',
    'Retry-After',
    'X-Queue-Position',
    'Preference-Applied',
    'X-RateLimit-Limit-Requests',
    'X-RateLimit-Remaining-Requests',
    'X-Characters-Limit',
    'X-Characters-Remaining',
  ],
  maxAge: 86_400,
};
