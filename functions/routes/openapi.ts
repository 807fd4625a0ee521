/** GET /openapi.json: what this edge takes and answers, as OpenAPI 3.1, made of the code itself. */
import { Hono } from 'hono';
import { onlyMethods } from '../guards/allowed-methods.ts';
import type { AppEnv, Services } from '../services.ts';
import { describePaths, TAGS } from './openapi-operation.ts';
import { OPERATIONS } from './openapi-operations.ts';
import { HEADERS } from './openapi-responses.ts';
import { componentSchemas, type Json } from './openapi-schemas.ts';

export function openApiRoute({ keys }: Pick<Services, 'keys'>): Hono<AppEnv> {
  let document: Json | undefined;
  return new Hono<AppEnv>()
    .get('/', (c) => {
      c.header('Cache-Control', 'no-cache');
      document ??= openApiDocument(keys !== null);
      return c.json(document);
    })
    .all('/', onlyMethods('GET', 'HEAD'));
}

/** `needsKey`: whether keys are in use, or any caller of this machine may speak. */
export function openApiDocument(needsKey: boolean): Json {
  const anyKey = [{ bearer: [] }, { xiApiKey: [] }];
  return {
    openapi: '3.1.1',
    info: {
      title: 'bark-edge',
      version: '1',
      summary: 'Streaming text-to-speech with Bark',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: needsKey ? anyKey : [...anyKey, {}],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: describePaths(OPERATIONS),
    components: {
      schemas: componentSchemas(),
      headers: HEADERS,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key (`bk_...`) or a browser token (`bt_...`).',
        },
        xiApiKey: {
          type: 'apiKey',
          in: 'header',
          name: 'xi-api-key',
          description: "The same, as ElevenLabs' clients send it.",
        },
      },
    },
  };
}
