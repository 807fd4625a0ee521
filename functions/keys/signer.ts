/** HMAC-SHA256 signatures under one secret; each purpose has a key of its own, so none passes for another. */
import { fromBase64Url, toBase64Url } from './base64-url.ts';

/** Of EDGE_SECRET; 32 characters of anything random are beyond guessing. */
export const MIN_SECRET_CHARACTERS = 32;

export type Purpose = 'api key' | 'browser token' | 'audio url';

const HMAC = { name: 'HMAC', hash: 'SHA-256' };

export class Signer {
  readonly #secret: string;
  readonly #keys = new Map<Purpose, Promise<CryptoKey>>();

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** 43 characters of base64url. */
  async sign(purpose: Purpose, text: string): Promise<string> {
    const signature = await crypto.subtle.sign('HMAC', await this.#key(purpose), utf8(text));
    return toBase64Url(new Uint8Array(signature));
  }

  /** Takes the same time whatever is wrong with the signature. */
  async verify(purpose: Purpose, text: string, signature: string): Promise<boolean> {
    const bytes = fromBase64Url(signature);
    if (bytes === null) return false;
    return crypto.subtle.verify('HMAC', await this.#key(purpose), bytes, utf8(text));
  }

  async #key(purpose: Purpose): Promise<CryptoKey> {
    const known = this.#keys.get(purpose);
    if (known !== undefined) return known;
    const made = deriveKey(this.#secret, purpose);
    this.#keys.set(purpose, made);
    return made;
  }
}

async function deriveKey(secret: string, purpose: Purpose): Promise<CryptoKey> {
  const root = await crypto.subtle.importKey('raw', utf8(secret), HMAC, false, ['sign']);
  const derived = await crypto.subtle.sign('HMAC', root, utf8(purpose));
  return crypto.subtle.importKey('raw', derived, HMAC, false, ['sign', 'verify']);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
