/**
 * An ID3v2.3 tag (https://id3.org/id3v2.3.0) that says what made the sound; MP3 and ADTS streams may begin with one.
 */
import { joinBytes } from '#shared/audio/join-bytes.ts';
import {
  DIGITAL_SOURCE_TYPE,
  SOFTWARE,
  SYNTHETIC_XMP,
  TRAINED_ALGORITHMIC_MEDIA,
} from '#shared/audio/synthetic-mark.ts';

/** Text of a frame is ISO-8859-1. */
const LATIN_1 = '\0';

/** The mark of synthetic speech: for taggers (TSSE, TXXX) and as XMP (ISO 16684-3, "PRIV" with owner "XMP"). */
export function syntheticId3(): Uint8Array {
  return tag([
    frame('TSSE', LATIN_1 + SOFTWARE),
    frame('TXXX', `${LATIN_1}${DIGITAL_SOURCE_TYPE}\0${TRAINED_ALGORITHMIC_MEDIA}`),
    frame('PRIV', `XMP\0${SYNTHETIC_XMP}`),
  ]);
}

function tag(frames: readonly Uint8Array[]): Uint8Array {
  const content = joinBytes(frames);
  const header = new Uint8Array(10);
  header.set(new TextEncoder().encode('ID3'));
  header[3] = 3;
  // seven bits a byte, so that no size looks like the beginning of a frame of sound
  for (let i = 0; i < 4; i += 1) header[6 + i] = (content.byteLength >> (7 * (3 - i))) & 0x7f;
  return joinBytes([header, content]);
}

function frame(id: string, text: string): Uint8Array {
  const content = new TextEncoder().encode(text);
  const header = new Uint8Array(10);
  header.set(new TextEncoder().encode(id));
  new DataView(header.buffer).setUint32(4, content.byteLength);
  return joinBytes([header, content]);
}
