/** /v1/keys: making, listing and revoking API keys, for those who administer. */
import { Hono } from 'hono';
import * as z from 'zod/mini';
import { SpeechFault } from '#shared/errors.ts';
import { onlyMethods } from '../guards/allowed-methods.ts';
import { requireScope } from '../guards/identify.ts';
import { readJsonBody } from '../guards/read-body.ts';
import { mintApiKey } from '../keys/api-key.ts';
import type { KeyDescription } from '../keys/key-store.ts';
import { USUAL_REQUESTS_PER_MINUTE, type KeyRecord } from '../keys/ledger.ts';
import { SCOPES, USUAL_SCOPES } from '../keys/scopes.ts';
import type { AppEnv, Services } from '../services.ts';
import { parseFields } from './fields.ts';

export const KeyFields = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(100)),
  scopes: z._default(z.array(z.enum(SCOPES)).check(z.minLength(1)), [...USUAL_SCOPES]),
  expires_in_seconds: z._default(z.nullable(z.int().check(z.positive())), null),
  requests_per_minute: z._default(
    z.int().check(z.minimum(1), z.maximum(100_000)),
    USUAL_REQUESTS_PER_MINUTE,
  ),
  characters_per_month: z._default(z.nullable(z.int().check(z.nonnegative())), null),
});

export function keysRoute({ keys, now }: Services): Hono<AppEnv> {
  const inUse = (): NonNullable<Services['keys']> => {
    if (keys !== null) return keys;
    throw new SpeechFault('not_found', 'No keys are in use here: set EDGE_SECRET.');
  };
  const find = async (id: string): Promise<KeyDescription> => {
    const known = await inUse().store.describe(id, now());
    if (known !== null) return known;
    throw new SpeechFault('not_found', 'There is no key of this id.');
  };
  return new Hono<AppEnv>()
    .use(requireScope('keys'))
    .post('/', async (c) => {
      const { store, signer } = inUse();
      const fields = parseFields(KeyFields, await readJsonBody(c.req.raw));
      const { key, id, secretHash } = await mintApiKey(signer);
      const createdMs = now();
      const seconds = fields.expires_in_seconds;
      await store.open({
        id,
        secretHash,
        name: fields.name,
        scopes: fields.scopes,
        createdMs,
        expiresMs: seconds === null ? null : createdMs + seconds * 1_000,
        revokedMs: null,
        requestsPerMinute: fields.requests_per_minute,
        charactersPerMonth: fields.characters_per_month,
      });
      c.header('Cache-Control', 'no-store');
      // the only time that the key itself is told
      return c.json({ ...describeKey(await find(id)), key }, 201);
    })
    .get('/', async (c) => {
      const ids = await inUse().store.list(c.req.query('after') ?? '');
      const data = await Promise.all(ids.map(async (id) => describeKey(await find(id))));
      return c.json({ object: 'list', data });
    })
    .get('/:id', async (c) => c.json(describeKey(await find(c.req.param('id')))))
    .delete('/:id', async (c) => {
      const { record } = await find(c.req.param('id'));
      await inUse().store.revoke(record.id, now());
      return c.json(describeKey(await find(record.id)));
    })
    .all('/', onlyMethods('GET', 'HEAD', 'POST'))
    .all('/:id', onlyMethods('GET', 'HEAD', 'DELETE'));
}

function describeKey({ record, allowance }: KeyDescription): Record<string, unknown> {
  return {
    object: 'api_key',
    id: record.id,
    name: record.name,
    scopes: record.scopes,
    ...times(record),
    requests_per_minute: record.requestsPerMinute,
    characters_per_month: record.charactersPerMonth,
    characters_used: allowance.charactersUsed,
  };
}

function times({ createdMs, expiresMs, revokedMs }: KeyRecord): Record<string, string | null> {
  return { created_at: iso(createdMs), expires_at: iso(expiresMs), revoked_at: iso(revokedMs) };
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
