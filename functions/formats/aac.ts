/**
 * AAC-LC (ISO 14496-3) by FFmpeg's encoder, in ADTS: every frame of 1024 samples has a header of its own, so a player
 * may begin anywhere. Begins with an ID3 tag. The first frame is the encoder's delay, as ADTS can not say it away.
 */
import { Blocks } from '#shared/audio/blocks.ts';
import type { Encoder } from '#shared/audio/encoder.ts';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { syntheticId3 } from './id3.ts';
import { instances, type LibraryShape, type WasmLibrary } from './wasm-library.ts';

/** The library in @mediabunny/aac-encoder 1.59.0. */
const LIBAVCODEC = {
  exports: {
    memory: 'r',
    start: 's',
    init: 't',
    input: 'y',
    send: 'A',
    receive: 'B',
    flush: 'C',
    output: 'E',
    close: 'H',
  },
  growImport: 'm',
  fatalImports: ['f', 'j'],
} satisfies LibraryShape<string>;

type Libavcodec = WasmLibrary<keyof typeof LIBAVCODEC.exports>;

const FRAME_SAMPLES = 1_024;
const CHANNELS = 1;
const FULL_SCALE = 32_768;

/** Bits a sample: 64 kbit/s at 24 000 Hz. */
const BITS_A_SAMPLE = 2.7;

/** Sampling frequency indices (ISO 14496-3, table 1.18). */
const RATE_INDICES: ReadonlyMap<number, number> = new Map(
  [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
  ].map((rate, index) => [rate, index]),
);

const ADTS_HEADER_BYTES = 7;

/** Makes AAC encoders, for a rate of the format. */
export function aacEncoders(module: WebAssembly.Module): (sampleRate: number) => Encoder {
  const libavcodec = instances(module, LIBAVCODEC);
  return (sampleRate) => new AacEncoder(libavcodec(), sampleRate);
}

class AacEncoder implements Encoder {
  readonly #libavcodec: Libavcodec;
  readonly #rateIndex: number;
  readonly #blocks = new Blocks(FRAME_SAMPLES);
  #context: number;
  #frames = 0;

  constructor(libavcodec: Libavcodec, sampleRate: number) {
    const rateIndex = RATE_INDICES.get(sampleRate);
    if (rateIndex === undefined) throw new RangeError(`AAC has no rate ${sampleRate}.`);
    this.#libavcodec = libavcodec;
    this.#rateIndex = rateIndex;
    const bitrate = Math.round(BITS_A_SAMPLE * sampleRate);
    this.#context = libavcodec.allocate('init', CHANNELS, sampleRate, bitrate);
  }

  begin(): Uint8Array {
    return syntheticId3();
  }

  write(pcm: Int16Array): Uint8Array {
    const frames: Uint8Array[] = [];
    for (const block of this.#blocks.write(pcm)) frames.push(this.#encode(block));
    return joinBytes(frames);
  }

  keepAlive(): Uint8Array {
    return new Uint8Array(0);
  }

  end(): Uint8Array {
    const rest = this.#blocks.rest();
    const last = new Int16Array(rest.length === 0 ? 0 : FRAME_SAMPLES);
    last.set(rest);
    const frames = last.length === 0 ? [] : [this.#encode(last)];
    this.#libavcodec.call('flush', this.#context);
    return joinBytes([...frames, this.#received()]);
  }

  close(): void {
    if (this.#context !== 0) this.#libavcodec.call('close', this.#context);
    this.#context = 0;
  }

  #encode(block: Int16Array): Uint8Array {
    const libavcodec = this.#libavcodec;
    const at = libavcodec.allocate('input', this.#context, 4 * block.length);
    const input = libavcodec.float32(at, block.length);
    for (let i = 0; i < block.length; i += 1) input[i] = (block[i] ?? 0) / FULL_SCALE;
    const code = libavcodec.call('send', this.#context, BigInt(this.#frames * FRAME_SAMPLES));
    if (code < 0) throw new Error(`The AAC encoder failed with ${code}.`);
    this.#frames += 1;
    return this.#received();
  }

  #received(): Uint8Array {
    const frames: Uint8Array[] = [];
    for (;;) {
      const size = this.#libavcodec.call('receive', this.#context);
      if (size < 0) throw new Error(`The AAC encoder failed with ${size}.`);
      if (size === 0) return joinBytes(frames);
      const at = this.#libavcodec.call('output', this.#context);
      frames.push(adtsHeader(size, this.#rateIndex), this.#libavcodec.bytes(at, size).slice());
    }
  }
}

/** The header of a frame (ISO 14496-3, 1.A.2.2): MPEG-4, no CRC, AAC-LC, mono, a buffer of any fullness. */
function adtsHeader(frameBytes: number, rateIndex: number): Uint8Array {
  const length = ADTS_HEADER_BYTES + frameBytes;
  const profile = 1;
  return Uint8Array.of(
    0xff,
    0xf1,
    (profile << 6) | (rateIndex << 2) | (CHANNELS >> 2),
    ((CHANNELS & 3) << 6) | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc,
  );
}
