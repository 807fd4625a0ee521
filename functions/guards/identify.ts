/** Who asks, known before a route begins; and routes that any key with a scope may use. */
import type { MiddlewareHandler } from 'hono';
import type { Access, Caller } from '../keys/access.ts';
import type { Allowance } from '../keys/ledger.ts';
import type { Scope } from '../keys/scopes.ts';
import type { LogVariables } from './request-log.ts';

export interface CallerVariables {
  caller: Caller;
}

type Variables = { Variables: CallerVariables & LogVariables };

/** Throws `unauthorized` for all but the open routes after it. */
export function identifyCaller(access: Access): MiddlewareHandler<Variables> {
  return async function identify(c, next) {
    const caller = await access.identify(c.req.raw);
    c.set('caller', caller);
    if (caller.keyId !== null) c.get('log').note({ key: caller.keyId });
    await next();
  };
}

/** Admits a request that speaks nothing. */
export function requireScope(scope: Scope): MiddlewareHandler<Variables> {
  return async function admitCaller(c, next) {
    const { allowance } = await c.get('caller').admit(scope, 0);
    await next();
    for (const [name, value] of Object.entries(limitHeaders(allowance))) c.header(name, value);
  };
}

/** In the words of OpenAI's headers, as far as there is a limit. */
export function limitHeaders(allowance: Allowance | null): Record<string, string> {
  if (allowance === null) return {};
  const { requestsPerMinute, requestsLeft, charactersPerMonth, charactersUsed } = allowance;
  return {
    'X-RateLimit-Limit-Requests': String(requestsPerMinute),
    'X-RateLimit-Remaining-Requests': String(requestsLeft),
    ...(charactersPerMonth === null
      ? {}
      : {
          'X-Characters-Limit': String(charactersPerMonth),
          'X-Characters-Remaining': String(Math.max(0, charactersPerMonth - charactersUsed)),
        }),
  };
}
