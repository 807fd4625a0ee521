/**
 * Checksums as the hub gives them: SHA-256 for large files, and for small ones the name git has for a
 * blob, SHA-1 over a line with the size and the bytes.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export interface Digest {
  readonly kind: 'sha256' | 'git-sha1';
  /** Lower case. */
  readonly hex: string;
}

/** Reads are this long; the default of 64 kB would cost a third of the speed. */
const CHUNK_BYTES = 1 << 20;

/** What a checksum of this length must be, or null: an ETag may be anything. */
export function digestFromHex(text: string | null | undefined): Digest | null {
  const hex = text?.toLowerCase() ?? '';
  if (/^[0-9a-f]{64}$/.test(hex)) return { kind: 'sha256', hex };
  if (/^[0-9a-f]{40}$/.test(hex)) return { kind: 'git-sha1', hex };
  return null;
}

/** The checksum that a header such as `ETag: W/"..."` gives, or null. */
export function digestFromEtag(etag: string | null): Digest | null {
  return digestFromHex(etag?.trim().replace(/^W\//, '').replaceAll('"', ''));
}

/** Whether the file at `path`, of `sizeBytes`, has this digest; it is read once, in pieces. */
export async function hasDigest(
  path: string,
  sizeBytes: number,
  { kind, hex }: Digest,
  signal: AbortSignal,
): Promise<boolean> {
  const hash = createHash(kind === 'sha256' ? 'sha256' : 'sha1');
  if (kind === 'git-sha1') hash.update(`blob ${sizeBytes}\0`);
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, signal })) {
    hash.update(chunk);
  }
  return hash.digest('hex') === hex;
}
