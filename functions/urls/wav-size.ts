/** Puts the true sizes into a WAV that was streamed without them. */
const RIFF_SIZE_AT = 4;
const FIRST_CHUNK_AT = 12;
const CHUNK_HEADER_BYTES = 8;

/** In place. Throws what is no WAV with a `data` chunk. */
export function writeWavSizes(bytes: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(RIFF_SIZE_AT, bytes.byteLength - CHUNK_HEADER_BYTES, true);
  let factAt: number | null = null;
  for (let at = FIRST_CHUNK_AT; at + CHUNK_HEADER_BYTES <= bytes.byteLength;) {
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    if (name === 'fact') factAt = at;
    if (name === 'data') {
      const dataBytes = bytes.byteLength - at - CHUNK_HEADER_BYTES;
      view.setUint32(at + 4, dataBytes, true);
      // only G.711 has this chunk: a byte a sample
      if (factAt !== null) view.setUint32(factAt + CHUNK_HEADER_BYTES, dataBytes, true);
      return;
    }
    const size = view.getUint32(at + 4, true);
    at += CHUNK_HEADER_BYTES + size + (size % 2);
  }
  throw new RangeError('a WAV without a data chunk');
}
