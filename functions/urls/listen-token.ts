/** What a signed URL carries: which order it plays and until when. Whoever has it may listen; it holds no key and no text. */
import type { Signer } from '../keys/signer.ts';

export interface ListenClaims {
  /** 32 hexadecimal digits. */
  readonly order: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

export const MIN_URL_SECONDS = 60;
export const MAX_URL_SECONDS = 604_800;
export const USUAL_URL_SECONDS = 3_600;

export async function signListenToken(
  signer: Signer,
  { order, expires }: ListenClaims,
): Promise<string> {
  const payload = `${order}.${expires}`;
  return `${payload}.${await signer.sign('audio url', payload)}`;
}

/** Null for what was not signed here. */
export async function readListenToken(signer: Signer, token: string): Promise<ListenClaims | null> {
  const [, order, expires, signature] =
    /^([0-9a-f]{32})\.(\d{1,12})\.([\w-]{43})$/.exec(token) ?? [];
  if (order === undefined || expires === undefined || signature === undefined) return null;
  if (!(await signer.verify('audio url', `${order}.${expires}`, signature))) return null;
  return { order, expires: Number(expires) };
}
