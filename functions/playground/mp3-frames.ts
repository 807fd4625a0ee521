/**
 * The frames of an mp3 as soon as each has come. Mediabunny asks a stream of unknown length for 64 KiB at a time, eight
 * seconds of speech, before it gives the first.
 */
import { joinBytes } from '#shared/audio/join-bytes.ts';

export interface Mp3Frame {
  /** The whole frame, its header too. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Samples a second. */
  readonly rate: number;
  readonly channels: number;
}

/** kbit/s by index, layer III of MPEG-1 (ISO 11172-3, 2.4.2.3) and of MPEG-2 (ISO 13818-3, 2.4.2.3). */
const KILOBITS_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KILOBITS_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/** Samples a second by index, of MPEG-1; half of them in MPEG-2, a quarter in MPEG-2.5. */
const RATES = [44_100, 48_000, 32_000];

const HEADER_BYTES = 4;
/** Of a tag (ID3v2.4, section 3.1); its footer is as long. */
const TAG_HEADER_BYTES = 10;

export class Mp3Frames {
  #rest = new Uint8Array(0);

  /** Frames that are whole with these bytes. What is no frame is passed over: tags, and bytes between two frames. */
  add(part: Uint8Array<ArrayBuffer>): Mp3Frame[] {
    let bytes = joinBytes([this.#rest, part]);
    const frames: Mp3Frame[] = [];
    while (bytes.byteLength >= TAG_HEADER_BYTES) {
      const header = readHeader(bytes);
      const size = header?.size ?? tagSize(bytes) ?? 1;
      if (size > bytes.byteLength) break;
      if (header !== null) frames.push({ ...header, bytes: bytes.slice(0, size) });
      bytes = bytes.subarray(size);
    }
    this.#rest = bytes.slice();
    return frames;
  }
}

function readHeader(bytes: Uint8Array): {
  readonly size: number;
  readonly rate: number;
  readonly channels: number;
} | null {
  const [sync = 0, kind = 0, speeds = 0, mode = 0] = bytes.subarray(0, HEADER_BYTES);
  const version = (kind >> 3) & 3;
  const isLayerIii = ((kind >> 1) & 3) === 1;
  if (sync !== 0xff || kind < 0xe0 || version === 1 || !isLayerIii) return null;
  const isFirst = version === 3;
  const kilobits = (isFirst ? KILOBITS_1 : KILOBITS_2)[speeds >> 4] ?? 0;
  const fullRate = RATES[(speeds >> 2) & 3] ?? 0;
  if (kilobits === 0 || fullRate === 0) return null;
  const rate = fullRate / (isFirst ? 1 : version === 2 ? 2 : 4);
  const padding = (speeds >> 1) & 1;
  const size = Math.floor(((isFirst ? 144 : 72) * 1_000 * kilobits) / rate) + padding;
  return { size, rate, channels: mode >> 6 === 3 ? 1 : 2 };
}

/** Of a tag that begins here; null where none does. */
function tagSize(bytes: Uint8Array): number | null {
  if (String.fromCharCode(...bytes.subarray(0, 3)) !== 'ID3') return null;
  const [flags = 0, ...size] = bytes.subarray(5, TAG_HEADER_BYTES);
  const content = size.reduce((sum, byte) => sum * 128 + byte, 0);
  const hasFooter = (flags & 0x10) !== 0;
  return TAG_HEADER_BYTES + content + (hasFooter ? TAG_HEADER_BYTES : 0);
}
