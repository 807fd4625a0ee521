/**
 * The comment block that Ogg Opus (RFC 7845, section 5.2) and FLAC (RFC 9639, section 8.6) share: who made the file,
 * and that no human spoke. Lengths are little endian, texts UTF-8.
 */
import { joinBytes } from '#shared/audio/join-bytes.ts';
import {
  DIGITAL_SOURCE_TYPE,
  SOFTWARE,
  TRAINED_ALGORITHMIC_MEDIA,
} from '#shared/audio/synthetic-mark.ts';

/** `vendor` names the library that encodes. */
export function syntheticComments(vendor: string): Uint8Array {
  const comments = [`ENCODER=${SOFTWARE}`, `${DIGITAL_SOURCE_TYPE}=${TRAINED_ALGORITHMIC_MEDIA}`];
  return joinBytes([text(vendor), uint32(comments.length), ...comments.map(text)]);
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return joinBytes([uint32(bytes.byteLength), bytes]);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
