/**
 * The format `codes`: a header, then records, however the bytes are split; all numbers little endian.
 *
 *   0  4   "BKCS"                              8  u32 samples a second
 *   4  u8  version, 1                          12 u16 samples of a frame
 *   5  u8  codebooks                           14 u16 samples over which a sentence rises and falls
 *   6  u8  bits of a code                      16 32  SHA-256 of the decoder's ONNX file
 *   7  u8  fewest frames of the first chunk    48 ... records: u8 kind, u16 count, what they hold
 *
 *   kind 1  a sentence begins (count 0): the decoder begins anew, its sound rises from 0 and falls to 0
 *   kind 2  so many frames of the sentence; none, to keep a line alive
 *   kind 3  so many samples of silence
 *   kind 4  the end (count 0): what ends without it was broken off
 */
import type { Encoder } from '#shared/audio/encoder.ts';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { rampSamples } from '#shared/audio/soft-ends.ts';
import { frameBytes, MAX_CODE_BITS, packFrames, unpackFrames } from './codes-layout.ts';
import type { CodesLayout } from './codes-layout.ts';

/** What such a stream says. */
export type CodesPart =
  | { readonly kind: 'sentence' }
  /** The next of the sentence, [frames, codebooks] row by row. */
  | { readonly kind: 'frames'; readonly codes: Int16Array }
  | { readonly kind: 'silence'; readonly samples: number };

/** What the header tells. */
export interface CodesHeader extends CodesLayout {
  /** Samples over which a sentence rises from 0, and falls to 0. */
  readonly rampSamples: number;
}

const MAGIC = 'BKCS';
const VERSION = 1;
const HEADER_BYTES = 48;
const DECODER_OFFSET = 16;
const RECORD_BYTES = 3;
const KIND = { sentence: 1, frames: 2, silence: 3, end: 4 } as const;
/** What a record can count. */
const MAX_COUNT = 0xffff;

/** Writes a stream; a part becomes its bytes at once. */
export function codesEncoder(layout: CodesLayout): Encoder<CodesPart> {
  return {
    begin: () => writeHeader(layout),
    write(part) {
      switch (part.kind) {
        case 'sentence':
          return record(KIND.sentence, 0);
        case 'frames':
          return frameRecords(part.codes, layout);
        case 'silence':
          return record(KIND.silence, part.samples);
        default:
          return part satisfies never;
      }
    },
    keepAlive: () => record(KIND.frames, 0),
    end: () => record(KIND.end, 0),
    close: () => undefined,
  };
}

function writeHeader(layout: CodesLayout): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint8(4, VERSION);
  view.setUint8(5, layout.codebooks);
  view.setUint8(6, layout.codeBits);
  view.setUint8(7, layout.firstChunkFrames);
  view.setUint32(8, layout.sampleRate, true);
  view.setUint16(12, layout.hopSamples, true);
  view.setUint16(14, rampSamples(layout.sampleRate), true);
  bytes.set(fromHex(layout.decoder), DECODER_OFFSET);
  return bytes;
}

function frameRecords(codes: Int16Array, layout: CodesLayout): Uint8Array<ArrayBuffer> {
  const most = MAX_COUNT * layout.codebooks;
  const records: Uint8Array[] = [];
  for (let from = 0; from < codes.length; from += most) {
    const some = codes.subarray(from, from + most);
    const payload = packFrames(some, layout);
    records.push(record(KIND.frames, some.length / layout.codebooks, payload));
  }
  return joinBytes(records);
}

function record(
  kind: number,
  count: number,
  payload: Uint8Array = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  if (count > MAX_COUNT) throw new RangeError(`A record counts to ${MAX_COUNT}, not ${count}.`);
  const bytes = new Uint8Array(RECORD_BYTES + payload.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, kind);
  view.setUint16(1, count, true);
  bytes.set(payload, RECORD_BYTES);
  return bytes;
}

/** Reads a stream; holds back what is not whole yet, a record at most. */
export class CodesReader {
  #header: CodesHeader | null = null;
  #rest = new Uint8Array(0);
  #hasEnded = false;

  /** Null until it has come. */
  get header(): CodesHeader | null {
    return this.#header;
  }

  /** Whether the stream said its end. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Parts that are whole with these bytes; throws RangeError for what is no such stream. */
  add(piece: Uint8Array): CodesPart[] {
    const bytes = joinBytes([this.#rest, piece]);
    let at = 0;
    if (this.#header === null && bytes.byteLength >= HEADER_BYTES) {
      this.#header = readHeader(bytes);
      at = HEADER_BYTES;
    }
    const parts: CodesPart[] = [];
    while (this.#header !== null && at + RECORD_BYTES <= bytes.byteLength) {
      if (this.#hasEnded) throw new RangeError('Codes go on after their end.');
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_BYTES);
      const kind = view.getUint8(0);
      const count = view.getUint16(1, true);
      const size = RECORD_BYTES + (kind === KIND.frames ? count * frameBytes(this.#header) : 0);
      if (at + size > bytes.byteLength) break;
      this.#take(kind, count, bytes.subarray(at + RECORD_BYTES, at + size), this.#header, parts);
      at += size;
    }
    this.#rest = bytes.slice(at);
    return parts;
  }

  #take(
    kind: number,
    count: number,
    payload: Uint8Array,
    layout: CodesLayout,
    parts: CodesPart[],
  ): void {
    if (kind === KIND.sentence) parts.push({ kind: 'sentence' });
    else if (kind === KIND.frames) {
      if (count > 0) parts.push({ kind: 'frames', codes: unpackFrames(payload, layout) });
    } else if (kind === KIND.silence) parts.push({ kind: 'silence', samples: count });
    else if (kind === KIND.end) this.#hasEnded = true;
    else throw new RangeError(`Codes have no record of kind ${kind}.`);
  }
}

function readHeader(bytes: Uint8Array): CodesHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (String.fromCharCode(...bytes.subarray(0, MAGIC.length)) !== MAGIC) {
    throw new RangeError('These bytes are no codes: they do not begin with BKCS.');
  }
  if (view.getUint8(4) !== VERSION) {
    throw new RangeError(`Codes of version ${view.getUint8(4)} are not known here; 1 is.`);
  }
  const header = {
    decoder: Array.from(bytes.subarray(DECODER_OFFSET, HEADER_BYTES), hexByte).join(''),
    codebooks: view.getUint8(5),
    codeBits: view.getUint8(6),
    firstChunkFrames: view.getUint8(7),
    sampleRate: view.getUint32(8, true),
    hopSamples: view.getUint16(12, true),
    rampSamples: view.getUint16(14, true),
  };
  const { codebooks, codeBits, sampleRate, hopSamples } = header;
  if ([codebooks, codeBits, sampleRate, hopSamples].includes(0) || codeBits > MAX_CODE_BITS) {
    throw new RangeError('The header of these codes holds sizes that no codec has.');
  }
  return header;
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (byte) => Number.parseInt(byte, 16));
}
