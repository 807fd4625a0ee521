/** A name for all that decides the sound of a request, on this side of the wire. */
import { createHash } from 'node:crypto';

/** Raised when this code makes another sound of the same weights. */
const ENGINE_VERSION = 1;

/** SHA-256 in hexadecimal; `weights` names the checkpoint, `computed` precision, device and runtime. */
export function engineFingerprint(weights: string, computed: string): string {
  return createHash('sha256')
    .update(JSON.stringify([ENGINE_VERSION, weights, computed]))
    .digest('hex');
}
