/**
 * A short-lived token for code that others can read: it names the key that pays, what it may do and until when, and is
 * signed. Nothing is stored of it; it dies with its key.
 */
import * as z from 'zod/mini';
import { fromBase64Url, toBase64Url } from './base64-url.ts';
import { SCOPES } from './scopes.ts';
import type { Signer } from './signer.ts';

const Claims = z.object({
  /** Id of the key that pays. */
  key: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  /** Milliseconds since 1970. */
  expiresMs: z.number(),
  /** The page that may use it; any when left out. */
  origin: z.optional(z.string()),
});

export type BrowserClaims = z.infer<typeof Claims>;

/** A page fetches a new one long before. */
export const MAX_TOKEN_SECONDS = 3_600;
export const USUAL_TOKEN_SECONDS = 600;

export async function signBrowserToken(signer: Signer, claims: BrowserClaims): Promise<string> {
  const payload = toBase64Url(new TextEncoder().encode(JSON.stringify(claims)));
  return `bt_${payload}.${await signer.sign('browser token', payload)}`;
}

/** Null for what was not signed here; whether it has expired is for the caller to see. */
export async function readBrowserToken(
  signer: Signer,
  text: string,
): Promise<BrowserClaims | null> {
  const [, payload, signature] = /^bt_([\w-]{1,2000})\.([\w-]{43})$/.exec(text) ?? [];
  if (payload === undefined || signature === undefined) return null;
  if (!(await signer.verify('browser token', payload, signature))) return null;
  const bytes = fromBase64Url(payload);
  if (bytes === null) return null;
  return Claims.parse(JSON.parse(new TextDecoder().decode(bytes)));
}
