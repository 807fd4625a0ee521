/**
 * An API key: `bk_`, its id, `_`, a secret and a tag of our own. The tag tells a key that was never made here
 * before anything is looked up; the secret is known only by its hash (256 random bits need no slow one).
 */
import { timingSafeEqual } from 'hono/utils/buffer';
import { toBase64Url } from './base64-url.ts';
import type { Signer } from './signer.ts';

export interface ApiKey {
  /** 16 hexadecimal digits: names the key in lists and logs. */
  readonly id: string;
  /** SHA-256 of the secret, in base64url. */
  readonly secretHash: string;
}

const TAG_CHARACTERS = 11;
const SHAPE = /^bk_([0-9a-f]{16})_([\w-]{43})([\w-]{11})$/;

/** The key in full, to be shown once, and what is kept of it. */
export async function mintApiKey(signer: Signer): Promise<ApiKey & { readonly key: string }> {
  const id = Array.from(random(8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const secret = toBase64Url(random(32));
  const tag = await tagOf(signer, id, secret);
  return { key: `bk_${id}_${secret}${tag}`, id, secretHash: await hashSecret(secret) };
}

/** Null for what is no key, or none that was made under this secret. */
export async function readApiKey(signer: Signer, text: string): Promise<ApiKey | null> {
  const [, id, secret, tag] = SHAPE.exec(text) ?? [];
  if (id === undefined || secret === undefined || tag === undefined) return null;
  if (!(await timingSafeEqual(await tagOf(signer, id, secret), tag))) return null;
  return { id, secretHash: await hashSecret(secret) };
}

async function tagOf(signer: Signer, id: string, secret: string): Promise<string> {
  return (await signer.sign('api key', `${id}.${secret}`)).slice(0, TAG_CHARACTERS);
}

async function hashSecret(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret));
  return toBase64Url(new Uint8Array(digest));
}

function random(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}
