/** POST /v1/tokens: a short-lived token for a browser, paid for by the key that asks. */
import { Hono } from 'hono';
import * as z from 'zod/mini';
import { SpeechFault } from '#shared/errors.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import { requireScope } from '../guards/identify.ts';
import { readJsonBody } from '../guards/read-body.ts';
import { MAX_TOKEN_SECONDS, signBrowserToken, USUAL_TOKEN_SECONDS } from '../keys/browser-token.ts';
import { BROWSER_SCOPES } from '../keys/scopes.ts';
import type { AppEnv, Services } from '../services.ts';
import { parseFields } from './fields.ts';

export const TokenFields = z.strictObject({
  expires_in_seconds: z._default(
    z.int().check(z.minimum(1), z.maximum(MAX_TOKEN_SECONDS)),
    USUAL_TOKEN_SECONDS,
  ),
  scopes: z._default(z.array(z.enum(BROWSER_SCOPES)).check(z.minLength(1)), [...BROWSER_SCOPES]),
  origin: z.optional(z.url()),
});

export function tokensRoute({ keys, now }: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .use(requireScope('tokens'))
    .post('/', async (c) => {
      const { keyId } = c.get('caller');
      if (keys === null || keyId === null) {
        throw new SpeechFault('not_found', 'No keys are in use here, so no token is needed.');
      }
      const fields = parseFields(TokenFields, await readJsonBody(c.req.raw));
      const expiresMs = now() + fields.expires_in_seconds * 1_000;
      const token = await signBrowserToken(keys.signer, {
        key: keyId,
        scopes: fields.scopes,
        expiresMs,
        ...(fields.origin === undefined ? {} : { origin: new URL(fields.origin).origin }),
      });
      c.header('Cache-Control', 'no-store');
      return c.json({ token, expires_at: new Date(expiresMs).toISOString() }, 201);
    })
    .all('/', onlyMethods('POST'));
}
