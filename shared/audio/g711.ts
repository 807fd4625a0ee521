/**
 * ITU-T G.711, the telephone's logarithmic bytes, of 16-bit samples as the reference code in ITU-T G.191 makes them:
 * magnitudes of negative samples by ones' complement, mu-law from the upper 14 bits, A-law from the upper 12.
 */
import type { Encoder } from './encoder.ts';

/** Added to mu-law's 14-bit magnitudes, which makes each segment begin at a power of two. */
const MU_LAW_BIAS = 33;
const MU_LAW_MAX = 0x1fff;

/** The mu-law byte of a sample, inverted as on the wire: 0xff is silence. */
export function muLawByte(sample: number): number {
  const biased = Math.min((magnitude(sample) >> 2) + MU_LAW_BIAS, MU_LAW_MAX);
  const exponent = 31 - Math.clz32(biased >> 5);
  const mantissa = (biased >> (exponent + 1)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

/** The A-law byte of a sample, every other bit inverted as on the wire: 0xd5 is silence. */
export function aLawByte(sample: number): number {
  const size = magnitude(sample) >> 4;
  const exponent = Math.max(0, 28 - Math.clz32(size));
  const mantissa = (size >> Math.max(0, exponent - 1)) & 0x0f;
  return ((sample < 0 ? 0 : 0x80) | (exponent << 4) | mantissa) ^ 0x55;
}

export function muLawEncoder(): Encoder {
  return companding(muLawByte);
}

export function aLawEncoder(): Encoder {
  return companding(aLawByte);
}

function magnitude(sample: number): number {
  return sample < 0 ? ~sample : sample;
}

function nothing(): Uint8Array {
  return new Uint8Array(0);
}

function companding(byteOf: (sample: number) => number): Encoder {
  return {
    begin: nothing,
    write: (pcm) => Uint8Array.from(pcm, byteOf),
    keepAlive: nothing,
    end: nothing,
    close: () => undefined,
  };
}
