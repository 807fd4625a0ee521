/**
 * A WAV as it arrives: where its samples begin, how long it is so far, and the two sizes that a
 * stream could not know when it began. RIFF, little endian throughout.
 */

/** More than any header of ours; beyond it, it is no WAV. */
const MAX_HEADER_BYTES = 65_536;

export interface WavFormat {
  /** Where the first sample lies, in bytes. */
  readonly dataOffset: number;
  /** Bytes of one second. */
  readonly bytesPerSecond: number;
}

/** The format, null while more bytes are needed to tell; throws on what is not a WAV. */
export function readWavFormat(bytes: Uint8Array): WavFormat | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ascii = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12) return null;
  if (ascii(0) !== 'RIFF' || ascii(8) !== 'WAVE')
    throw new Error('What the server sent is no WAV.');
  let bytesPerSecond = 0;
  for (let at = 12; at + 8 <= Math.min(bytes.length, MAX_HEADER_BYTES);) {
    const sizeBytes = view.getUint32(at + 4, true);
    if (ascii(at) === 'data') {
      if (bytesPerSecond === 0) throw new Error('The WAV has no format before its samples.');
      return { dataOffset: at + 8, bytesPerSecond };
    }
    if (ascii(at) === 'fmt ') {
      if (at + 20 > bytes.length) return null;
      bytesPerSecond = view.getUint32(at + 16, true);
    }
    // chunks are padded to an even length
    at += 8 + sizeBytes + (sizeBytes % 2);
  }
  if (bytes.length >= MAX_HEADER_BYTES) throw new Error('The WAV has no samples.');
  return null;
}

/** What to write where once the length is known: the size of the file and that of its samples. */
export function wavSizes(
  { dataOffset }: WavFormat,
  fileBytes: number,
): readonly { readonly at: number; readonly bytes: Uint8Array }[] {
  return [
    { at: 4, bytes: uint32(fileBytes - 8) },
    { at: dataOffset - 4, bytes: uint32(fileBytes - dataOffset) },
  ];
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
