/** GET /v1/usage: what the key that asks has left; asking is not counted. */
import { Hono } from 'hono';
import { onlyMethods } from '../guards/allowed-methods.ts';
import type { AppEnv, Services } from '../services.ts';

export function usageRoute({ keys }: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/', async (c) => {
      const allowance = await c.get('caller').allowance('read');
      if (keys === null || allowance === null) return c.json({ counted: false });
      return c.json({
        counted: true,
        month: allowance.month,
        characters_used: allowance.charactersUsed,
        characters_per_month: allowance.charactersPerMonth,
        requests_per_minute: allowance.requestsPerMinute,
        requests_left: allowance.requestsLeft,
      });
    })
    .all('/', onlyMethods('GET', 'HEAD'));
}
