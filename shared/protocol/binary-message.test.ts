import { describe, expect, test } from 'vitest';
import { SpeechFault } from '../errors.ts';
import {
  encodeAudioMessage,
  encodeVoiceMessage,
  parseAudioMessage,
  parseVoiceMessage,
  type AudioMessage,
  type VoiceMessage,
} from './binary-message.ts';
import { MAX_BINARY_BYTES } from './limits.ts';

// the wire itself is the key: a change here is a change of protocol
const AUDIO_ON_THE_WIRE: Record<string, AudioMessage> = {
  '01 00 0000 00000000 00000000 00000000': {
    kind: 0,
    request: 0,
    sequence: 0,
    sampleOffset: 0,
    payload: new Uint8Array(0),
  },
  '01 00 0000 07000000 02000000 c0120000 0100ff7f': {
    kind: 0,
    request: 7,
    sequence: 2,
    sampleOffset: 4_800,
    payload: Uint8Array.of(1, 0, 255, 127),
  },
  '01 01 0000 ffffffff ffffffff ffffffff 00': {
    kind: 1,
    request: 0xffff_ffff,
    sequence: 0xffff_ffff,
    sampleOffset: 0xffff_ffff,
    payload: Uint8Array.of(0),
  },
};

const VOICE_ON_THE_WIRE: Record<string, VoiceMessage> = {
  '02 00 0000 00000000': { request: 0, voice: new Uint8Array(0) },
  '02 00 0000 01020000 0a0b0c': { request: 513, voice: Uint8Array.of(10, 11, 12) },
};

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.replaceAll(' ', '').match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

/** The same bytes as a view into a larger buffer, at an odd place. */
function within(bytes: Uint8Array): Uint8Array {
  const larger = new Uint8Array(bytes.length + 32).fill(0xee);
  larger.set(bytes, 13);
  return larger.subarray(13, 13 + bytes.length);
}

describe('audio messages', () => {
  test.each(Object.entries(AUDIO_ON_THE_WIRE))('%s', (hex, message) => {
    const bytes = fromHex(hex);
    expect(encodeAudioMessage(message)).toEqual(bytes);
    expect(parseAudioMessage(bytes)).toEqual(message);
    expect(parseAudioMessage(within(bytes))).toEqual(message);
  });

  test('take a payload that is a view', () => {
    const payload = within(Uint8Array.of(1, 2, 3, 4));
    const bytes = encodeAudioMessage({
      kind: 0,
      request: 1,
      sequence: 0,
      sampleOffset: 0,
      payload,
    });
    expect([...bytes.subarray(16)]).toEqual([1, 2, 3, 4]);
  });
});

describe('voice messages', () => {
  test.each(Object.entries(VOICE_ON_THE_WIRE))('%s', (hex, message) => {
    const bytes = fromHex(hex);
    expect(encodeVoiceMessage(message)).toEqual(bytes);
    expect(parseVoiceMessage(bytes)).toEqual(message);
    expect(parseVoiceMessage(within(bytes))).toEqual(message);
  });
});

describe('hostile bytes', () => {
  test.each([0, 2, 3, 255])('type %i is not audio and passes unread', (type) => {
    expect(parseAudioMessage(new Uint8Array(64).fill(type, 0, 1))).toBeNull();
  });

  test('an empty message passes unread', () => {
    expect(parseAudioMessage(new Uint8Array(0))).toBeNull();
    expect(parseVoiceMessage(new Uint8Array(0))).toBeNull();
  });

  test.each([1, 8, 15])('an audio header of %i bytes is refused', (length) => {
    const bytes = new Uint8Array(length).fill(1, 0, 1);
    expect(() => parseAudioMessage(bytes)).toThrow(SpeechFault);
  });

  test.each([1, 7])('a voice header of %i bytes is refused', (length) => {
    const bytes = new Uint8Array(length).fill(2, 0, 1);
    expect(() => parseVoiceMessage(bytes)).toThrow(SpeechFault);
  });

  test('a short header is not filled from the buffer behind it', () => {
    expect(() => parseAudioMessage(within(fromHex('01 00 0000 07000000')))).toThrow(SpeechFault);
  });

  test('the longest message passes, one byte more does not', () => {
    const bytes = new Uint8Array(MAX_BINARY_BYTES + 1).fill(1, 0, 1);
    expect(parseAudioMessage(bytes.subarray(0, MAX_BINARY_BYTES))?.payload).toHaveLength(
      MAX_BINARY_BYTES - 16,
    );
    expect(() => parseAudioMessage(bytes)).toThrow(SpeechFault);
  });
});
