/**
 * The binary half of the wire; all numbers little endian.
 *
 *   audio, backend -> edge             voice, edge -> backend
 *   0  u8   message type, 1            0  u8   message type, 2
 *   1  u8   kind: 0 = PCM, 1 = codes   1  u8   0
 *   2  u16  0                          2  u16  0
 *   4  u32  request                    4  u32  request
 *   8  u32  sequence, from 0           8  ...  canonical bytes of the voice
 *   12 u32  offset of the first sample
 *   16 ...  s16le mono, 24 000 Hz; or whole frames of codes, as bits
 *
 * Other kinds are ignored by a reader that does not know them.
 */
import { SpeechFault } from '../errors.ts';
import { MAX_BINARY_BYTES } from './limits.ts';

const AUDIO_TYPE = 1;
const VOICE_TYPE = 2;
const AUDIO_HEADER_BYTES = 16;
const VOICE_HEADER_BYTES = 8;

/** The kind of payload in an audio message. */
export const AUDIO_KIND = { pcm: 0, codes: 1 } as const;

export interface AudioMessage {
  readonly kind: number;
  readonly request: number;
  /** Counts the audio messages of the request, from 0. */
  readonly sequence: number;
  /** Position of the first sample in the sentence, also where frames stand for samples. */
  readonly sampleOffset: number;
  /** s16le mono, or packed frames; a view into the message that was read. */
  readonly payload: Uint8Array;
}

export interface VoiceMessage {
  readonly request: number;
  /** Canonical bytes of the voice; a view into the message that was read. */
  readonly voice: Uint8Array;
}

export function encodeAudioMessage(message: AudioMessage): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(AUDIO_HEADER_BYTES + message.payload.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, AUDIO_TYPE);
  view.setUint8(1, message.kind);
  view.setUint32(4, message.request, true);
  view.setUint32(8, message.sequence, true);
  view.setUint32(12, message.sampleOffset, true);
  bytes.set(message.payload, AUDIO_HEADER_BYTES);
  return bytes;
}

export function encodeVoiceMessage(message: VoiceMessage): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(VOICE_HEADER_BYTES + message.voice.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VOICE_TYPE);
  view.setUint32(4, message.request, true);
  bytes.set(message.voice, VOICE_HEADER_BYTES);
  return bytes;
}

/** Reads what the backend sent; null for a type of the future, `invalid_request` for a broken one. */
export function parseAudioMessage(bytes: Uint8Array): AudioMessage | null {
  const view = checkedView(bytes, AUDIO_TYPE, AUDIO_HEADER_BYTES);
  if (view === null) return null;
  return {
    kind: view.getUint8(1),
    request: view.getUint32(4, true),
    sequence: view.getUint32(8, true),
    sampleOffset: view.getUint32(12, true),
    payload: bytes.subarray(AUDIO_HEADER_BYTES),
  };
}

/** Reads what the edge sent; null for a type of the future, `invalid_request` for a broken one. */
export function parseVoiceMessage(bytes: Uint8Array): VoiceMessage | null {
  const view = checkedView(bytes, VOICE_TYPE, VOICE_HEADER_BYTES);
  if (view === null) return null;
  return { request: view.getUint32(4, true), voice: bytes.subarray(VOICE_HEADER_BYTES) };
}

function checkedView(bytes: Uint8Array, type: number, headerBytes: number): DataView | null {
  if (bytes.byteLength > MAX_BINARY_BYTES) {
    throw new SpeechFault(
      'invalid_request',
      `A binary message may have ${MAX_BINARY_BYTES} bytes.`,
    );
  }
  if (bytes[0] !== type) return null;
  if (bytes.byteLength < headerBytes) {
    throw new SpeechFault(
      'invalid_request',
      `A binary message of type ${type} has a header of ${headerBytes} bytes.`,
    );
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
