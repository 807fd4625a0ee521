/**
 * Lets any encoder keep a silent line alive: the last bytes made are held back and go out one at a time while there
 * is nothing else to send. So the stream is the same bytes in the end, in every format.
 */
import type { Encoder } from './encoder.ts';
import { joinBytes } from './join-bytes.ts';

/** Bytes held back: five minutes of silence, 50 ms of sound at 48 kbit/s. */
export const RESERVE_BYTES = 300;

export function withReserve(encoder: Encoder): Encoder {
  let held = new Uint8Array(0);
  const pass = (bytes: Uint8Array): Uint8Array => {
    const all = joinBytes([held, bytes]);
    const free = Math.max(0, all.byteLength - RESERVE_BYTES);
    held = all.slice(free);
    return all.subarray(0, free);
  };
  return {
    begin: () => pass(encoder.begin()),
    write: (pcm) => pass(encoder.write(pcm)),
    keepAlive() {
      const one = held.slice(0, 1);
      held = held.slice(1);
      return one;
    },
    end() {
      const rest = joinBytes([held, encoder.end()]);
      held = new Uint8Array(0);
      return rest;
    },
    close: () => encoder.close(),
  };
}
