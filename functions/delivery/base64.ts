/** Base64 of RFC 4648 section 4, at once and piece by piece. */
import { joinBytes } from '#shared/audio/join-bytes.ts';

export function base64(bytes: Uint8Array): string {
  // arguments live on the stack, so not too many at a time
  const SLICE_BYTES = 8_192;
  let text = '';
  for (let at = 0; at < bytes.byteLength; at += SLICE_BYTES) {
    text += String.fromCharCode(...bytes.subarray(at, at + SLICE_BYTES));
  }
  return btoa(text);
}

/** Three bytes are four characters; those that make no three wait for the next piece. */
export class Base64Stream {
  #held: Uint8Array = new Uint8Array(0);

  write(bytes: Uint8Array): string {
    const all = joinBytes([this.#held, bytes]);
    const whole = all.byteLength - (all.byteLength % 3);
    this.#held = all.slice(whole);
    return base64(all.subarray(0, whole));
  }

  /** What was held back, with its padding. */
  end(): string {
    const rest = base64(this.#held);
    this.#held = new Uint8Array(0);
    return rest;
  }
}
