/** Puts the number of samples into a FLAC (RFC 9639) that was streamed without it: else no player knows how long it is. */

/** After `fLaC` (4 bytes) and the header of STREAMINFO (4), its first block: the lower 32 of 36 bits (section 8.2). */
const TOTAL_SAMPLES_AT = 4 + 4 + 14;
const FIRST_BLOCK_AT = 4;
const BLOCK_HEADER_BYTES = 4;
const LAST_BLOCK = 0x80;

/** In place. Throws what is no FLAC of blocks of one size. */
export function writeFlacLength(bytes: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let samples = 0;
  for (let at = framesBegin(bytes, view), frame = 0; at < bytes.byteLength; at += 1) {
    const blockSize = blockSizeAt(bytes, at, frame);
    if (blockSize === null) continue;
    samples += blockSize;
    frame += 1;
  }
  view.setUint32(TOTAL_SAMPLES_AT, samples);
}

/** Behind the metadata (section 8.1). */
function framesBegin(bytes: Uint8Array, view: DataView): number {
  if (String.fromCharCode(...bytes.subarray(0, FIRST_BLOCK_AT)) !== 'fLaC') throw notFlac();
  for (let at = FIRST_BLOCK_AT; at + BLOCK_HEADER_BYTES <= bytes.byteLength;) {
    const isLast = view.getUint8(at) >= LAST_BLOCK;
    at += BLOCK_HEADER_BYTES + (view.getUint32(at) & 0xff_ffff);
    if (isLast) return at;
  }
  throw notFlac();
}

function notFlac(): RangeError {
  return new RangeError('a FLAC without frames');
}

/** Samples of the frame with this number, where its header begins here (section 9.1); null where it does not. */
function blockSizeAt(bytes: Uint8Array, at: number, frame: number): number | null {
  const byte = (offset: number): number => bytes[at + offset] ?? 0;
  if (byte(0) !== 0xff || byte(1) !== 0xf8) return null;
  const number = codedNumber(frame);
  if (number.some((one, i) => byte(4 + i) !== one)) return null;
  const sizeCode = byte(2) >> 4;
  const sizeAt = 4 + number.length;
  const rateAt = sizeAt + (UNCOMMON_SIZE_BYTES[sizeCode] ?? 0);
  const checkAt = rateAt + (UNCOMMON_RATE_BYTES[byte(2) & 0x0f] ?? 0);
  if (crc8(bytes.subarray(at, at + checkAt)) !== byte(checkAt)) return null;
  if (sizeCode === 6) return byte(sizeAt) + 1;
  if (sizeCode === 7) return byte(sizeAt) * 256 + byte(sizeAt + 1) + 1;
  return sizeCode >= 8 ? 2 ** sizeCode : sizeCode === 1 ? 192 : 144 * 2 ** sizeCode;
}

/** Further bytes by the code of a block's size, and of a sample rate. */
const UNCOMMON_SIZE_BYTES: Readonly<Record<number, number>> = { 6: 1, 7: 2 };
const UNCOMMON_RATE_BYTES: Readonly<Record<number, number>> = { 12: 1, 13: 2, 14: 2 };

/** As UTF-8 would write it; enough for frames up to 65 535, three hours at 24 000 Hz. */
function codedNumber(value: number): readonly number[] {
  if (value < 0x80) return [value];
  if (value < 0x800) return [0xc0 | (value >> 6), 0x80 | (value & 0x3f)];
  return [0xe0 | (value >> 12), 0x80 | ((value >> 6) & 0x3f), 0x80 | (value & 0x3f)];
}

/** Polynomial x^8 + x^2 + x + 1, from 0. */
function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc >= 0x80 ? 0x107 : 0)) & 0xff;
  }
  return crc;
}
