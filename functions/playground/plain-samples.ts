/**
 * Samples that need no decoder: of pcm, wav and the telephone's formats, however the bytes are split.
 * Mediabunny reads a WAV of unknown length in packets of 2048 samples and leaves out what is left of the last.
 */
import type { FormatName } from '#shared/audio/formats.ts';
import { joinBytes } from '#shared/audio/join-bytes.ts';

export type PlainFormat = Extract<FormatName, 'pcm' | 'wav' | 'mulaw' | 'alaw'>;

/** Turns the bytes of one sample into -1..1. */
type Read = (view: DataView, at: number) => number;

const FULL_SCALE = 32_768;

const LINEAR: Read = (view, at) => view.getInt16(at, true) / FULL_SCALE;

const READERS: Readonly<Record<PlainFormat, { readonly bytes: number; readonly read: Read }>> = {
  pcm: { bytes: 2, read: LINEAR },
  wav: { bytes: 2, read: LINEAR },
  mulaw: { bytes: 1, read: (view, at) => fromMuLaw(view.getUint8(at)) / FULL_SCALE },
  alaw: { bytes: 1, read: (view, at) => fromALaw(view.getUint8(at)) / FULL_SCALE },
};

export function isPlain(format: FormatName): format is PlainFormat {
  return Object.hasOwn(READERS, format);
}

/** Pieces of samples in -1..1. */
export function plainSamples(
  format: PlainFormat,
): TransformStream<Uint8Array<ArrayBuffer>, Float32Array<ArrayBuffer>> {
  const { bytes: size, read } = READERS[format];
  let rest = new Uint8Array(0);
  let isInSamples = format !== 'wav';
  return new TransformStream({
    transform(part, controller) {
      let bytes = joinBytes([rest, part]);
      if (!isInSamples) {
        const from = samplesOffset(bytes);
        isInSamples = from !== null;
        bytes = bytes.subarray(from ?? 0);
      }
      const count = isInSamples ? Math.floor(bytes.byteLength / size) : 0;
      rest = bytes.slice(count * size);
      if (count === 0) return;
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      controller.enqueue(Float32Array.from({ length: count }, (_, i) => read(view, i * size)));
    },
  });
}

/** Where the samples of a WAV begin; null while its chunk `data` has not come. */
function samplesOffset(wav: Uint8Array<ArrayBuffer>): number | null {
  const view = new DataView(wav.buffer, wav.byteOffset, wav.byteLength);
  let at = 12;
  while (at + 8 <= wav.byteLength) {
    const name = String.fromCharCode(...wav.subarray(at, at + 4));
    if (name === 'data') return at + 8;
    const size = view.getUint32(at + 4, true);
    at += 8 + size + (size % 2);
  }
  return null;
}

/** ITU-T G.711, table 2a: 14 bits, here in 16. */
function fromMuLaw(byte: number): number {
  const bits = ~byte;
  const size = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
  return (bits & 0x80) === 0 ? size : -size;
}

/** ITU-T G.711, table 1a: 13 bits, here in 16. */
function fromALaw(byte: number): number {
  const bits = byte ^ 0x55;
  const segment = (bits & 0x70) >> 4;
  const low = ((bits & 0x0f) << 4) + 8;
  const size = segment === 0 ? low : (low + 0x100) << (segment - 1);
  return (bits & 0x80) === 0 ? -size : size;
}
