/**
 * Codes as bits. A frame holds one code of each codebook, the first codebook first, each with its highest bit first; what is
 * left of its last byte is 0. Of Bark's codec a frame is 8 codes of 10 bits: 10 bytes, 75 times a second, 6 kbit/s.
 */

/** What codes mean: how many there are in a frame, and which decoder makes sound of them. */
export interface CodesLayout {
  /** SHA-256 of the decoder's ONNX file, 64 hexadecimal digits. */
  readonly decoder: string;
  /** Codes of a frame, 1..255. */
  readonly codebooks: number;
  /** Bits of a code, 1..15: codes are below 2 ** codeBits. */
  readonly codeBits: number;
  /** A second. */
  readonly sampleRate: number;
  /** Samples of one frame, 1..65 535. */
  readonly hopSamples: number;
  /** Fewest frames of an utterance's first chunk, 1..255; a shorter utterance is decoded at once. */
  readonly firstChunkFrames: number;
}

type FrameSize = Pick<CodesLayout, 'codebooks' | 'codeBits'>;

/** More do not fit a signed 16-bit integer, in which codes are kept. */
export const MAX_CODE_BITS = 15;

export function frameBytes({ codebooks, codeBits }: FrameSize): number {
  return Math.ceil((codebooks * codeBits) / 8);
}

/** Samples that whole frames stand for. */
export function samplesOfCodes(
  { length }: ArrayLike<number>,
  { codebooks, hopSamples }: CodesLayout,
): number {
  return (length / codebooks) * hopSamples;
}

/** The bytes of whole frames, [frames, codebooks] row by row; throws RangeError for a code that has more bits. */
export function packFrames(codes: Int16Array, size: FrameSize): Uint8Array<ArrayBuffer> {
  const { codebooks, codeBits } = size;
  const stride = frameBytes(size);
  const frames = codes.length / codebooks;
  const bytes = new Uint8Array(frames * stride);
  for (let frame = 0; frame < frames; frame += 1) {
    for (let book = 0; book < codebooks; book += 1) {
      const code = codes[frame * codebooks + book] ?? 0;
      if (code < 0 || code >= 2 ** codeBits) {
        throw new RangeError(`A code must lie in 0..${2 ** codeBits - 1}, not ${code}.`);
      }
      for (let bit = 0; bit < codeBits; bit += 1) {
        if (((code >> (codeBits - 1 - bit)) & 1) === 0) continue;
        const at = book * codeBits + bit;
        const byte = frame * stride + (at >> 3);
        bytes[byte] = (bytes[byte] ?? 0) | (0x80 >> (at & 7));
      }
    }
  }
  return bytes;
}

/** Codes of whole frames, [frames, codebooks] row by row; throws RangeError for bytes that hold half a frame. */
export function unpackFrames(bytes: Uint8Array, size: FrameSize): Int16Array<ArrayBuffer> {
  const { codebooks, codeBits } = size;
  const stride = frameBytes(size);
  if (bytes.byteLength % stride !== 0) {
    throw new RangeError(`Frames have ${stride} bytes each; ${bytes.byteLength} are not whole.`);
  }
  const frames = bytes.byteLength / stride;
  const codes = new Int16Array(frames * codebooks);
  for (let frame = 0; frame < frames; frame += 1) {
    for (let book = 0; book < codebooks; book += 1) {
      let code = 0;
      for (let bit = 0; bit < codeBits; bit += 1) {
        const at = book * codeBits + bit;
        const byte = bytes[frame * stride + (at >> 3)] ?? 0;
        code = (code << 1) | ((byte >> (7 - (at & 7))) & 1);
      }
      codes[frame * codebooks + book] = code;
    }
  }
  return codes;
}

/** [codebooks, frames] to [frames, codebooks], as codes travel and are kept. */
export function framesFirst(codes: Int32Array, codebooks: number): Int16Array<ArrayBuffer> {
  const frames = codes.length / codebooks;
  const turned = new Int16Array(codes.length);
  for (let book = 0; book < codebooks; book += 1) {
    for (let frame = 0; frame < frames; frame += 1) {
      turned[frame * codebooks + book] = codes[book * frames + frame] ?? 0;
    }
  }
  return turned;
}

/** [frames, codebooks] to [codebooks, frames], as a decoder takes them. */
export function booksFirst(codes: Int16Array, codebooks: number): Int32Array<ArrayBuffer> {
  const frames = codes.length / codebooks;
  const turned = new Int32Array(codes.length);
  for (let book = 0; book < codebooks; book += 1) {
    for (let frame = 0; frame < frames; frame += 1) {
      turned[book * frames + frame] = codes[frame * codebooks + book] ?? 0;
    }
  }
  return turned;
}
