/** How long encoding takes, beside the encoding. */
import type { Encoder } from '#shared/audio/encoder.ts';

/**
 * The same encoder. `onMs` is told the milliseconds of each call, as far as the clock moves meanwhile: Cloudflare's
 * stands still while a Worker computes, that of `wrangler dev` does not.
 */
export function timedEncoder<Piece>(
  encoder: Encoder<Piece>,
  now: () => number,
  onMs: (ms: number) => void,
): Encoder<Piece> {
  const timed = (work: () => Uint8Array): Uint8Array => {
    const begin = now();
    const bytes = work();
    onMs(now() - begin);
    return bytes;
  };
  return {
    begin: () => timed(() => encoder.begin()),
    write: (piece) => timed(() => encoder.write(piece)),
    keepAlive: () => timed(() => encoder.keepAlive()),
    end: () => timed(() => encoder.end()),
    close: () => encoder.close(),
  };
}
