/**
 * RIFF/WAVE with 16-bit mono PCM, after "Multimedia Programming Interface and Data Specifications 1.0"
 * (IBM and Microsoft, 1991). A stream does not know its length, so both sizes say 0xFFFFFFFF:
 * browsers and ffmpeg then read to the end without a false duration, sox reads all and warns.
 */
import type { Encoder } from './encoder.ts';
import { joinBytes } from './join-bytes.ts';
import { BYTES_PER_SAMPLE, pcmEncoder } from './pcm.ts';
import { DIGITAL_SOURCE_TYPE, SOFTWARE, TRAINED_ALGORITHMIC_MEDIA } from './synthetic-mark.ts';

export const WAV_HEADER_BYTES = 44;
/** Where the header of the `data` chunk begins in those. */
const DATA_CHUNK_OFFSET = 36;
const CHUNK_HEADER_BYTES = 8;
/** A `JUNK` chunk (the same specification, "filler") of eight zeros: readers pass over it. */
const JUNK_CHUNK = Uint8Array.of(0x4a, 0x55, 0x4e, 0x4b, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
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

/** What a streamed WAV begins with, while there is no sample yet: the format, and who speaks. */
export function streamedWavHead(sampleRate: number): Uint8Array<ArrayBuffer> {
  return joinBytes([
    wavHeader(sampleRate, null).subarray(0, DATA_CHUNK_OFFSET),
    infoList([
      ['ISFT', SOFTWARE],
      ['ICMT', `${DIGITAL_SOURCE_TYPE}=${TRAINED_ALGORITHMIC_MEDIA}`],
    ]),
  ]);
}

/** A `LIST` chunk of kind `INFO` with ASCII texts (the same specification, "LIST chunk"). */
function infoList(entries: readonly (readonly [string, string])[]): Uint8Array {
  const list = entries.map(([id, text]) => chunk(id, new TextEncoder().encode(`${text}\0`)));
  return chunk('LIST', joinBytes([new TextEncoder().encode('INFO'), ...list]));
}

/** Chunks begin at even places. */
function chunk(id: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(CHUNK_HEADER_BYTES + content.byteLength + (content.byteLength % 2));
  bytes.set(new TextEncoder().encode(id));
  new DataView(bytes.buffer).setUint32(4, content.byteLength, true);
  bytes.set(content, CHUNK_HEADER_BYTES);
  return bytes;
}

/**
 * A WAV of unknown length: format first, the `data` header with the first samples. In between, a line
 * is kept alive with `JUNK` chunks.
 */
export function wavEncoder(sampleRate: number): Encoder {
  const dataHeader = wavHeader(sampleRate, null).subarray(DATA_CHUNK_OFFSET);
  const pcm = pcmEncoder();
  let hasDataHeader = false;
  const afterDataHeader = (samples: Uint8Array): Uint8Array => {
    if (hasDataHeader) return samples;
    hasDataHeader = true;
    return joinBytes([dataHeader, samples]);
  };
  return {
    begin: () => streamedWavHead(sampleRate),
    write(samples) {
      const bytes = pcm.write(samples);
      return bytes.byteLength === 0 ? bytes : afterDataHeader(bytes);
    },
    keepAlive: () => (hasDataHeader ? pcm.keepAlive() : JUNK_CHUNK.slice()),
    end: () => afterDataHeader(pcm.end()),
    close: () => undefined,
  };
}
