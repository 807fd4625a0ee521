/**
 * RIFF/WAVE with 16-bit mono PCM, or with G.711 for telephone systems, after "Multimedia Programming Interface and Data Specifications 1.0"
 * (IBM and Microsoft, 1991). A stream does not know its length, so both sizes say 0xFFFFFFFF:
 * browsers and ffmpeg then read to the end without a false duration, sox reads all and warns.
 */
import type { Encoder } from './encoder.ts';
import type { WavEncoding } from './formats.ts';
import { aLawEncoder, muLawEncoder } from './g711.ts';
import { joinBytes } from './join-bytes.ts';
import { BYTES_PER_SAMPLE, pcmEncoder } from './pcm.ts';
import { withReserve } from './reserve.ts';
import { DIGITAL_SOURCE_TYPE, SOFTWARE, TRAINED_ALGORITHMIC_MEDIA } from './synthetic-mark.ts';

export const WAV_HEADER_BYTES = 44;
const CHUNK_HEADER_BYTES = 8;
/** A `JUNK` chunk (the same specification, "filler") of eight zeros: readers pass over it. */
const JUNK_CHUNK = Uint8Array.of(0x4a, 0x55, 0x4e, 0x4b, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const UNKNOWN_SIZE = 0xffff_ffff;
/** `WAVE_FORMAT_PCM`, and as RFC 2361 registers G.711. */
const FORMAT_TAGS: Readonly<Record<WavEncoding, number>> = { linear16: 1, alaw: 6, mulaw: 7 };
const CHANNELS = 1;

const SAMPLE_ENCODERS: Readonly<Record<WavEncoding, () => Encoder>> = {
  linear16: pcmEncoder,
  mulaw: () => withReserve(muLawEncoder()),
  alaw: () => withReserve(aLawEncoder()),
};

/** The 44 bytes before the samples; `samples` null when their number is not known yet. */
export function wavHeader(sampleRate: number, samples: number | null): Uint8Array<ArrayBuffer> {
  const dataBytes = samples === null ? UNKNOWN_SIZE : samples * BYTES_PER_SAMPLE;
  const afterSize = WAV_HEADER_BYTES - CHUNK_HEADER_BYTES;
  return joinBytes([
    chunkHeader('RIFF', samples === null ? UNKNOWN_SIZE : dataBytes + afterSize),
    ascii('WAVE'),
    formatChunk(sampleRate, 'linear16'),
    chunkHeader('data', dataBytes),
  ]);
}

/** The `fmt ` chunk of mono sound; what is not PCM says that nothing more follows. */
function formatChunk(sampleRate: number, encoding: WavEncoding): Uint8Array {
  const bytesPerSample = encoding === 'linear16' ? BYTES_PER_SAMPLE : 1;
  const content = new DataView(new ArrayBuffer(encoding === 'linear16' ? 16 : 18));
  content.setUint16(0, FORMAT_TAGS[encoding], true);
  content.setUint16(2, CHANNELS, true);
  content.setUint32(4, sampleRate, true);
  content.setUint32(8, sampleRate * CHANNELS * bytesPerSample, true); // bytes a second
  content.setUint16(12, CHANNELS * bytesPerSample, true); // bytes of one sample of all channels
  content.setUint16(14, 8 * bytesPerSample, true); // bits of one sample
  return chunk('fmt ', new Uint8Array(content.buffer));
}

/** What a streamed WAV begins with, while there is no sample yet: the format, and who speaks. */
export function streamedWavHead(
  sampleRate: number,
  encoding: WavEncoding = 'linear16',
): Uint8Array<ArrayBuffer> {
  return joinBytes([
    chunkHeader('RIFF', UNKNOWN_SIZE),
    ascii('WAVE'),
    formatChunk(sampleRate, encoding),
    // how many samples there are, which all but PCM has to say
    encoding === 'linear16' ? new Uint8Array(0) : chunk('fact', uint32(UNKNOWN_SIZE)),
    infoList([
      ['ISFT', SOFTWARE],
      ['ICMT', `${DIGITAL_SOURCE_TYPE}=${TRAINED_ALGORITHMIC_MEDIA}`],
    ]),
  ]);
}

/** A `LIST` chunk of kind `INFO` with ASCII texts (the same specification, "LIST chunk"). */
function infoList(entries: readonly (readonly [string, string])[]): Uint8Array {
  const list = entries.map(([id, text]) => chunk(id, ascii(`${text}\0`)));
  return chunk('LIST', joinBytes([ascii('INFO'), ...list]));
}

/** Chunks begin at even places. */
function chunk(id: string, content: Uint8Array): Uint8Array {
  return joinBytes([
    chunkHeader(id, content.byteLength),
    content,
    new Uint8Array(content.byteLength % 2),
  ]);
}

function chunkHeader(id: string, sizeBytes: number): Uint8Array {
  return joinBytes([ascii(id), uint32(sizeBytes)]);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * A WAV of unknown length: format first, the `data` header with the first samples. In between, a line
 * is kept alive with `JUNK` chunks.
 */
export function wavEncoder(sampleRate: number, encoding: WavEncoding = 'linear16'): Encoder {
  const dataHeader = chunkHeader('data', UNKNOWN_SIZE);
  const samples = SAMPLE_ENCODERS[encoding]();
  let hasDataHeader = false;
  const afterDataHeader = (bytes: Uint8Array): Uint8Array => {
    if (hasDataHeader) return bytes;
    hasDataHeader = true;
    return joinBytes([dataHeader, bytes]);
  };
  return {
    begin: () => streamedWavHead(sampleRate, encoding),
    write(pcm) {
      const bytes = samples.write(pcm);
      return bytes.byteLength === 0 ? bytes : afterDataHeader(bytes);
    },
    keepAlive: () => (hasDataHeader ? samples.keepAlive() : JUNK_CHUNK.slice()),
    end: () => afterDataHeader(samples.end()),
    close: () => undefined,
  };
}
