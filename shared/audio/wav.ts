/**
 * RIFF/WAVE with 16-bit mono PCM, after "Multimedia Programming Interface and Data Specifications 1.0"
 * (IBM and Microsoft, 1991). A stream does not know its length, so both sizes say 0xFFFFFFFF:
 * browsers and ffmpeg then read to the end without a false duration, sox reads all and warns.
 */
import type { Encoder } from './encoder.ts';
import { BYTES_PER_SAMPLE, bytesFromSamples } from './pcm.ts';

export const WAV_HEADER_BYTES = 44;
const UNKNOWN_SIZE = 0xffff_ffff;
const FMT_CHUNK_BYTES = 16;
const WAVE_FORMAT_PCM = 1;
const CHANNELS = 1;

/** The 44 bytes before the samples; `samples` null when their number is not known yet. */
export function wavHeader(sampleRate: number, samples: number | null): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(header.buffer);
  let at = 0;
  const writeAscii = (text: string): void => {
    for (let i = 0; i < text.length; i += 1) view.setUint8(at + i, text.charCodeAt(i));
    at += text.length;
  };
  const writeU16 = (value: number): void => {
    view.setUint16(at, value, true);
    at += 2;
  };
  const writeU32 = (value: number): void => {
    view.setUint32(at, value, true);
    at += 4;
  };
  const dataBytes = samples === null ? UNKNOWN_SIZE : samples * BYTES_PER_SAMPLE;

  writeAscii('RIFF');
  writeU32(samples === null ? UNKNOWN_SIZE : dataBytes + WAV_HEADER_BYTES - 8); // all after this field
  writeAscii('WAVE');
  writeAscii('fmt ');
  writeU32(FMT_CHUNK_BYTES);
  writeU16(WAVE_FORMAT_PCM);
  writeU16(CHANNELS);
  writeU32(sampleRate);
  writeU32(sampleRate * CHANNELS * BYTES_PER_SAMPLE); // bytes a second
  writeU16(CHANNELS * BYTES_PER_SAMPLE); // bytes of one sample of all channels
  writeU16(8 * BYTES_PER_SAMPLE); // bits of one sample
  writeAscii('data');
  writeU32(dataBytes);
  return header;
}

/** A WAV of unknown length: the header leaves with the first write, however short that is. */
export function wavEncoder(sampleRate: number): Encoder {
  let pending: Uint8Array | null = wavHeader(sampleRate, null);
  return {
    write(pcm) {
      const bytes = bytesFromSamples(pcm);
      if (pending === null) return bytes;
      const first = new Uint8Array(pending.byteLength + bytes.byteLength);
      first.set(pending);
      first.set(bytes, pending.byteLength);
      pending = null;
      return first;
    },
    end() {
      const rest = pending ?? new Uint8Array(0);
      pending = null;
      return rest;
    },
  };
}
