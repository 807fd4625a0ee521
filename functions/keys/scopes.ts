/** What a key may be good for. */
export const SCOPES = ['speech', 'read', 'tokens', 'keys'] as const;

/**
 * `speech` speaks and signs URLs, `read` lists voices, models and takes, `tokens` makes browser tokens,
 * `keys` administers keys.
 */
export type Scope = (typeof SCOPES)[number];

/** Of a key that is made without any named. */
export const USUAL_SCOPES: readonly Scope[] = ['speech', 'read', 'tokens'];

/** What a browser token may have: never more than its key. */
export const BROWSER_SCOPES: readonly Scope[] = ['speech', 'read'];
