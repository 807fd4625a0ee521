/**
 * Takes named members out of a ZIP archive (PKWARE APPNOTE 6.3), stored or deflated, each of bounded
 * size and with its checksum right. The central directory is believed, as Python does; sizes of 4 GiB
 * and more are not read.
 */
import { Inflate } from 'fflate';

/** APPNOTE section 4.3.16: end of central directory record. */
const END_SIGNATURE = 0x0605_4b50;
const END_BYTES = 22;
const COMMENT_MAX_BYTES = 0xffff;

/** APPNOTE section 4.3.12: central directory header. */
const ENTRY_SIGNATURE = 0x0201_4b50;
const ENTRY_BYTES = 46;

/** APPNOTE section 4.3.7: local file header. */
const LOCAL_SIGNATURE = 0x0403_4b50;
const LOCAL_BYTES = 30;

/** APPNOTE section 4.4.4, bit 0. */
const ENCRYPTED = 1;

/** APPNOTE section 4.4.5. */
const STORED = 0;
const DEFLATED = 8;

/** Compressed bytes inflated at a time: at most 1032 times as many come out before the size is checked. */
const INFLATE_STEP_BYTES = 256;

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  readonly localHeader: number;
}

/**
 * The members of these names that the archive has, each at most `maxBytes` long; others are not looked
 * at. Stored ones are views into the archive. Throws RangeError with the fault of the archive.
 */
export function readZipMembers(
  archive: Uint8Array,
  names: readonly string[],
  maxBytes: number,
): Map<string, Uint8Array> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const members = new Map<string, Uint8Array>();
  for (const entry of readDirectory(view)) {
    if (!names.includes(entry.name)) continue;
    if (members.has(entry.name)) {
      throw new RangeError(`The archive has ${entry.name} twice; save it anew.`);
    }
    members.set(entry.name, readMember(archive, view, entry, maxBytes));
  }
  return members;
}

function* readDirectory(view: DataView): Generator<Entry> {
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i += 1) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY_SIGNATURE) {
      throw new RangeError('The directory of the archive is damaged; save it anew.');
    }
    const nameBytes = view.getUint16(at + 28, true);
    const next =
      at + ENTRY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw new RangeError('The directory of the archive is damaged; save it anew.');
    yield {
      name: new TextDecoder().decode(
        new Uint8Array(view.buffer, view.byteOffset + at + ENTRY_BYTES, nameBytes),
      ),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressedBytes: view.getUint32(at + 20, true),
      sizeBytes: view.getUint32(at + 24, true),
      localHeader: view.getUint32(at + 42, true),
    };
    at = next;
  }
}

/** The end record lies at the very end, but for a comment. */
function findEnd(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= 0 && at >= last - COMMENT_MAX_BYTES; at -= 1) {
    const isEnd = view.getUint32(at, true) === END_SIGNATURE;
    if (isEnd && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  throw new RangeError('The file is no ZIP archive, or its end is missing.');
}

function readMember(
  archive: Uint8Array,
  view: DataView,
  entry: Entry,
  maxBytes: number,
): Uint8Array {
  const { name, flags, method, crc, compressedBytes, sizeBytes, localHeader } = entry;
  if (sizeBytes > maxBytes || compressedBytes > maxBytes) {
    throw new RangeError(`${name} has ${sizeBytes} bytes; no more than ${maxBytes} are read.`);
  }
  if ((flags & ENCRYPTED) !== 0) {
    throw new RangeError(`${name} is encrypted; save it without a password.`);
  }
  if (method !== STORED && method !== DEFLATED) {
    throw new RangeError(
      `${name} is compressed by method ${method}; stored and deflated are read.`,
    );
  }
  if (
    localHeader + LOCAL_BYTES > archive.byteLength ||
    view.getUint32(localHeader, true) !== LOCAL_SIGNATURE
  ) {
    throw new RangeError(`${name} is not where the directory of the archive says; save it anew.`);
  }
  // the local extra field may differ from the directory's: NumPy writes 20 bytes of ZIP64 here only
  const begin =
    localHeader +
    LOCAL_BYTES +
    view.getUint16(localHeader + 26, true) +
    view.getUint16(localHeader + 28, true);
  if (begin + compressedBytes > archive.byteLength) {
    throw new RangeError(`${name} is cut off; save the archive anew.`);
  }
  const raw = archive.subarray(begin, begin + compressedBytes);
  const member = method === STORED ? raw : inflate(raw, name, sizeBytes);
  if (member.byteLength !== sizeBytes || crc32(member) !== crc) {
    throw new RangeError(`${name} is damaged: its checksum or length is wrong; save it anew.`);
  }
  return member;
}

/** Inflates into exactly `sizeBytes`; gives up as soon as more comes out. */
function inflate(raw: Uint8Array, name: string, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const member = new Uint8Array(sizeBytes);
  let filled = 0;
  const inflater = new Inflate((chunk) => {
    if (filled + chunk.length > sizeBytes) {
      throw new RangeError(`${name} is larger than the archive says; save it anew.`);
    }
    member.set(chunk, filled);
    filled += chunk.length;
  });
  try {
    for (let at = 0; at < raw.length; at += INFLATE_STEP_BYTES) {
      const next = at + INFLATE_STEP_BYTES;
      inflater.push(raw.subarray(at, next), next >= raw.length);
    }
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw new RangeError(`${name} is damaged: it can not be inflated; save it anew.`, { cause });
  }
  return member.subarray(0, filled);
}

/** APPNOTE section 4.4.7, the polynomial bits reversed. */
const CRC_POLYNOMIAL = 0xedb8_8320;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) * CRC_POLYNOMIAL);
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffff_ffff) >>> 0;
}
