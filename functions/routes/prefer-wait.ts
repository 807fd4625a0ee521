/** `Prefer: wait=20` (RFC 7240 section 4.3): how long the client will wait for the first sound. */

/** Longer than anybody waits, and than the edge waits for a backend. */
const MAX_WAIT_SECONDS = 300;

/** In milliseconds; null where nothing, or nothing that makes sense, is preferred. */
export function preferredWaitMs(prefer: string | undefined): number | null {
  const seconds = Number(
    /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(prefer ?? '')?.[1],
  );
  return seconds > 0 ? 1_000 * Math.min(seconds, MAX_WAIT_SECONDS) : null;
}
