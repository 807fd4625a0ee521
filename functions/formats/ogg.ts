/** Ogg pages (RFC 3533) of one logical stream, each as a whole number of packets. */

const PAGE_HEADER_BYTES = 27;
const SEGMENT_BYTES = 255;

/** Most segments of a page. */
const MAX_SEGMENTS = 255;

const BEGINNING_OF_STREAM = 2;
const END_OF_STREAM = 4;

interface PageOptions {
  /** What a reader of this page has at its end, in samples at 48 000 a second for Opus. */
  readonly granule: number;
  readonly isLast?: boolean;
}

export class OggStream {
  readonly #serial: number;
  #page = 0;

  /** `serial` tells streams in one file apart. */
  constructor(serial: number) {
    this.#serial = serial;
  }

  /** The next page, of packets that fit one: at most 255 segments of 255 bytes. */
  page(packets: readonly Uint8Array[], { granule, isLast = false }: PageOptions): Uint8Array {
    const segments = packets.flatMap(lacing);
    if (segments.length > MAX_SEGMENTS) throw new RangeError('The packets do not fit one page.');
    const bodyAt = PAGE_HEADER_BYTES + segments.length;
    const page = new Uint8Array(
      bodyAt + packets.reduce((sum, packet) => sum + packet.byteLength, 0),
    );
    const view = new DataView(page.buffer);
    page.set(new TextEncoder().encode('OggS'));
    page[5] = (this.#page === 0 ? BEGINNING_OF_STREAM : 0) | (isLast ? END_OF_STREAM : 0);
    view.setBigUint64(6, BigInt(granule), true);
    view.setUint32(14, this.#serial, true);
    view.setUint32(18, this.#page, true);
    page[26] = segments.length;
    page.set(segments, PAGE_HEADER_BYTES);
    let at = bodyAt;
    for (const packet of packets) {
      page.set(packet, at);
      at += packet.byteLength;
    }
    view.setUint32(22, checksum(page), true);
    this.#page += 1;
    return page;
  }
}

/** Lengths of a packet's segments: full ones, then a shorter one that ends it, possibly empty. */
function lacing({ byteLength }: Uint8Array): number[] {
  const full = Math.floor(byteLength / SEGMENT_BYTES);
  return [...Array.from({ length: full }, () => SEGMENT_BYTES), byteLength % SEGMENT_BYTES];
}

/** CRC-32 with the polynomial 0x04c11db7, neither reflected nor inverted (RFC 3533, section 6). */
function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ byte] ?? 0);
  return crc >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc < 0 ? 0x04c1_1db7 : 0);
  return crc >>> 0;
});
