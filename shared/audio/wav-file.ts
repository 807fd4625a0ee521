/**
 * Reads a WAV recording as mono samples: RIFF/WAVE after "Multimedia Programming Interface and Data Specifications
 * 1.0" (IBM and Microsoft, 1991), WAVE_FORMAT_EXTENSIBLE ("Multiple channel audio data and WAVE files", Microsoft),
 * and RF64 (EBU Tech 3306). Sizes in the file are claims: what is there decides.
 */

/** What is wrong with a recording and what helps, as one sentence. */
export class WavFileError extends Error {
  override readonly name = 'WavFileError';
}

export interface Recording {
  /** Samples a second. */
  readonly sampleRate: number;
  /** How many channels were averaged. */
  readonly channels: number;
  /** The mean of the channels, nominally -1..1; the caller owns it. */
  readonly samples: Float32Array<ArrayBuffer>;
}

export interface WavLimits {
  /** Longest recording that is read, in seconds; two minutes unless said otherwise. */
  readonly maxSeconds?: number;
}

/** Bounds of a believable rate; recordings have 8 000 to 192 000. */
const SAMPLE_RATE_MIN = 1_000;
const SAMPLE_RATE_MAX = 384_000;

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FMT_MIN_BYTES = 16;
const FMT_EXTENSIBLE_BYTES = 40;
/** Riff size, data size and sample count of 64 bits each. */
const DS64_MIN_BYTES = 24;
/** A size that is not known, or that stands in `ds64`. */
const UNKNOWN_SIZE = 0xffff_ffff;

const WAVE_FORMAT_PCM = 0x0001;
const WAVE_FORMAT_IEEE_FLOAT = 0x0003;
const WAVE_FORMAT_EXTENSIBLE = 0xfffe;
/** What is refused, by name. */
const OTHER_FORMATS: ReadonlyMap<number, string> = new Map([
  [0x0002, 'Microsoft ADPCM'],
  [0x0006, 'A-law'],
  [0x0007, 'mu-law'],
  [0x0011, 'IMA ADPCM'],
  [0x0031, 'GSM 6.10'],
  [0x0050, 'MPEG'],
  [0x0055, 'MP3'],
]);

/** The last 14 bytes of the GUIDs that stand for a format tag (KSDATAFORMAT_SUBTYPE_*). */
const SUBTYPE_TAIL = [
  0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71,
];

const CONVERT = 'convert it with: ffmpeg -i recording -c:a pcm_s16le recording.wav';

interface Format {
  readonly channels: number;
  readonly sampleRate: number;
  readonly sampleBytes: number;
  readonly read: (view: DataView, at: number) => number;
}

/** Reads a whole file, also a view into a larger buffer; throws WavFileError before anything large is allocated. */
export function readWav(file: Uint8Array, { maxSeconds = 120 }: WavLimits = {}): Recording {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const { format, dataBegin, dataBytes } = findSamples(view);
  const { channels, sampleRate, sampleBytes, read } = format;
  const frameBytes = channels * sampleBytes;
  // a file that was cut off may end inside a frame
  const count = Math.floor(dataBytes / frameBytes);
  if (count === 0) throw new WavFileError('The recording holds no samples; record it anew.');
  if (count > maxSeconds * sampleRate) {
    throw new WavFileError(
      `The recording lasts ${(count / sampleRate).toFixed(1)} s; at most ${maxSeconds} s are read. Cut it.`,
    );
  }
  const samples = new Float32Array(count);
  for (let i = 0; i < count; i += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      sum += read(view, dataBegin + i * frameBytes + channel * sampleBytes);
    }
    const sample = Math.fround(sum / channels);
    if (!Number.isFinite(sample)) {
      throw new WavFileError(`Sample ${i} of the recording is ${sample}; save it anew.`);
    }
    samples[i] = sample;
  }
  return { sampleRate, channels, samples };
}

function findSamples(view: DataView): { format: Format; dataBegin: number; dataBytes: number } {
  const container = view.byteLength < RIFF_HEADER_BYTES ? '' : asciiAt(view, 0);
  if (container === 'RIFX') {
    throw new WavFileError(`The recording is a big-endian WAV file (RIFX); ${CONVERT}`);
  }
  const isRf64 = container === 'RF64' || container === 'BW64';
  if ((container !== 'RIFF' && !isRf64) || asciiAt(view, 8) !== 'WAVE') {
    throw new WavFileError(
      `The recording is no WAV file: it does not begin with RIFF and WAVE; ${CONVERT}`,
    );
  }
  let format: Format | null = null;
  let dataSize64: number | null = null;
  for (let at = RIFF_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= view.byteLength;) {
    const name = asciiAt(view, at);
    const size = view.getUint32(at + 4, true);
    const begin = at + CHUNK_HEADER_BYTES;
    const rest = view.byteLength - begin;
    if (name === 'data') {
      if (format === null) {
        throw new WavFileError(
          'The samples of the recording come before their format; save it anew.',
        );
      }
      const claimed = size === UNKNOWN_SIZE && dataSize64 !== null ? dataSize64 : size;
      // an interrupted recording never filled in its sizes: the container ends where the samples begin
      const isUnfinished = claimed === 0 && view.getUint32(4, true) <= begin - CHUNK_HEADER_BYTES;
      return { format, dataBegin: begin, dataBytes: isUnfinished ? rest : Math.min(claimed, rest) };
    }
    if (size > rest) {
      throw new WavFileError(
        `The recording ends inside its chunk ${JSON.stringify(name)}, before any samples; copy the file anew.`,
      );
    }
    if (name === 'fmt ') {
      if (format !== null)
        throw new WavFileError('The recording tells its format twice; save it anew.');
      format = readFormat(view, begin, size);
    }
    if (name === 'ds64' && isRf64 && size >= DS64_MIN_BYTES) {
      dataSize64 = view.getUint32(begin + 8, true) + view.getUint32(begin + 12, true) * 2 ** 32;
    }
    at = nextChunk(view, begin + size);
  }
  throw new WavFileError('The recording has no samples (no chunk named data); record it anew.');
}

/** Chunks begin at even places; some programs forget the byte of padding. */
function nextChunk(view: DataView, end: number): number {
  const isForgotten =
    end % 2 === 1 &&
    end + CHUNK_HEADER_BYTES <= view.byteLength &&
    ['fmt ', 'data', 'LIST', 'fact'].includes(asciiAt(view, end));
  return isForgotten ? end : end + (end % 2);
}

function readFormat(view: DataView, at: number, size: number): Format {
  if (size < FMT_MIN_BYTES) {
    throw new WavFileError(
      `The format of the recording has ${size} bytes, at least ${FMT_MIN_BYTES} are needed; save it anew.`,
    );
  }
  const tag = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const blockAlign = view.getUint16(at + 12, true);
  const bits = view.getUint16(at + 14, true);
  if (channels === 0) throw new WavFileError('The recording has 0 channels; save it anew.');
  if (sampleRate < SAMPLE_RATE_MIN || sampleRate > SAMPLE_RATE_MAX) {
    throw new WavFileError(
      `The recording has ${sampleRate} samples a second; ${SAMPLE_RATE_MIN}..${SAMPLE_RATE_MAX} are read. Save it anew.`,
    );
  }
  const kind = tag === WAVE_FORMAT_EXTENSIBLE ? subtypeAt(view, at, size) : tag;
  const read = READERS.get(`${kind} ${bits}`);
  if (read === undefined) {
    throw new WavFileError(`The recording is ${describeFormat(kind, bits)}; ${CONVERT}`);
  }
  const sampleBytes = bits / 8;
  if (blockAlign !== channels * sampleBytes) {
    throw new WavFileError(
      `The recording has ${blockAlign} bytes for ${channels} channels of ${bits} bits; it should be ${channels * sampleBytes}. Save it anew.`,
    );
  }
  return { channels, sampleRate, sampleBytes, read };
}

/** The format tag inside the GUID of WAVE_FORMAT_EXTENSIBLE. */
function subtypeAt(view: DataView, at: number, size: number): number {
  const isStandard =
    size >= FMT_EXTENSIBLE_BYTES &&
    SUBTYPE_TAIL.every((byte, i) => view.getUint8(at + 26 + i) === byte);
  if (!isStandard) {
    throw new WavFileError(`The recording is in a format of its own (extensible WAV); ${CONVERT}`);
  }
  return view.getUint16(at + 24, true);
}

/** By format tag and bits: one sample as a number in -1..1. Fewer valid bits than these lie at the upper end. */
const READERS: ReadonlyMap<string, Format['read']> = new Map<string, Format['read']>([
  // 8 bits alone are unsigned
  [`${WAVE_FORMAT_PCM} 8`, (view, at) => (view.getUint8(at) - 128) / 2 ** 7],
  [`${WAVE_FORMAT_PCM} 16`, (view, at) => view.getInt16(at, true) / 2 ** 15],
  [
    `${WAVE_FORMAT_PCM} 24`,
    (view, at) => (view.getInt16(at + 1, true) * 2 ** 8 + view.getUint8(at)) / 2 ** 23,
  ],
  [`${WAVE_FORMAT_PCM} 32`, (view, at) => view.getInt32(at, true) / 2 ** 31],
  [`${WAVE_FORMAT_IEEE_FLOAT} 32`, (view, at) => view.getFloat32(at, true)],
  [`${WAVE_FORMAT_IEEE_FLOAT} 64`, (view, at) => view.getFloat64(at, true)],
]);

function describeFormat(tag: number, bits: number): string {
  if (tag === WAVE_FORMAT_PCM) return `PCM of ${bits} bits, which is not read`;
  if (tag === WAVE_FORMAT_IEEE_FLOAT) return `floats of ${bits} bits, which are not read`;
  const name = OTHER_FORMATS.get(tag) ?? `in format 0x${tag.toString(16).padStart(4, '0')}`;
  return `${name}, which is not read`;
}

function asciiAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}
