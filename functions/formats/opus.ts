/**
 * Opus (RFC 6716) by libopus in Ogg (RFC 7845): packets of 20 ms, the first of them in a page of its own, then pages
 * of 100 ms. A player drops the encoder's look-ahead (the pre-skip) and what pads the last packet (by the last
 * granule), so what is heard is as long as what was spoken.
 */
import { Blocks } from '#shared/audio/blocks.ts';
import type { Encoder } from '#shared/audio/encoder.ts';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { OggStream } from './ogg.ts';
import { syntheticComments } from './vorbis-comment.ts';
import { instances, type LibraryShape, type WasmLibrary } from './wasm-library.ts';

/** `wasm/simd.wasm` of @evan/opus 1.0.3. */
const LIBOPUS = {
  exports: {
    memory: 'memory',
    start: '_initialize',
    malloc: 'malloc',
    free: 'free',
    size: 'opus_encoder_get_size',
    init: 'opus_encoder_init',
    set: 'opus_encoder_ctl_set',
    get: 'opus_encoder_ctl_get',
    encode: 'opus_encode',
  },
  fatalImports: ['proc_exit'],
} satisfies LibraryShape<string>;

type Libopus = WasmLibrary<keyof typeof LIBOPUS.exports>;

/** From opus_defines.h. */
const APPLICATION_AUDIO = 2_049;
const SET_BITRATE = 4_002;
const SET_COMPLEXITY = 4_010;
const SET_SIGNAL = 4_024;
const SIGNAL_VOICE = 3_001;
const GET_LOOKAHEAD = 4_027;

/** Kilobits a second: more than Opus needs for one voice (RFC 7587, section 3.1.1 has 28 to 40 kbit/s for full band speech). */
const KILOBITS = 48;

/** Of 0..10: within 0.4 dB of 10 on spoken sentences, for six tenths of its work. */
const COMPLEXITY = 5;

const CHANNELS = 1;
const PACKETS_A_SECOND = 50;
const PACKETS_A_PAGE = 5;
/** Beyond what 20 ms can take (RFC 6716, section 3.2.1: 1275 bytes a frame). */
const MAX_PACKET_BYTES = 1_500;

/** Granules and the pre-skip count samples at this rate, whatever is encoded. */
const OGG_OPUS_RATE = 48_000;

/** Padding of the comments, which readers drop: something to keep a line alive with. */
const PADDING_BYTES = 300;

/** Makes Opus encoders, for a rate of the format. */
export function opusEncoders(
  module: WebAssembly.Module,
): (sampleRate: number, kilobits?: number) => Encoder {
  const libopus = instances(module, LIBOPUS);
  return (sampleRate, kilobits = KILOBITS) => new OpusEncoder(libopus(), sampleRate, kilobits);
}

class OpusEncoder implements Encoder {
  readonly #libopus: Libopus;
  readonly #sampleRate: number;
  readonly #packetSamples: number;
  /** Room behind the state, for the samples of a packet and for the packet. */
  readonly #input: number;
  readonly #output: number;
  readonly #blocks: Blocks;
  readonly #stream = new OggStream(1);
  /** Samples by which libopus delays, at 48 000 a second. */
  readonly #preSkip: number;
  #state: number;
  #waiting: Uint8Array[] = [];
  #packets = 0;
  #samples = 0;

  constructor(libopus: Libopus, sampleRate: number, kilobits: number) {
    this.#libopus = libopus;
    this.#sampleRate = sampleRate;
    this.#packetSamples = sampleRate / PACKETS_A_SECOND;
    this.#blocks = new Blocks(this.#packetSamples);
    this.#state = open(libopus, sampleRate, kilobits);
    this.#input = this.#state + stateBytes(libopus);
    this.#output = this.#input + 2 * this.#packetSamples;
    this.#preSkip = this.#toOggRate(libopus.call('get', this.#state, GET_LOOKAHEAD));
  }

  begin(): Uint8Array {
    return joinBytes([
      this.#stream.page([head(this.#sampleRate, this.#preSkip)], { granule: 0 }),
      this.#stream.page([tags()], { granule: 0 }),
    ]);
  }

  write(pcm: Int16Array): Uint8Array {
    this.#samples += pcm.length;
    const pages: Uint8Array[] = [];
    for (const block of this.#blocks.write(pcm)) {
      this.#waiting.push(this.#encode(block));
      const isFull = this.#waiting.length === PACKETS_A_PAGE || this.#packets === 1;
      if (isFull) pages.push(this.#page(this.#toOggRate(this.#packets * this.#packetSamples)));
    }
    return joinBytes(pages);
  }

  keepAlive(): Uint8Array {
    return new Uint8Array(0);
  }

  end(): Uint8Array {
    const last = this.#preSkip + this.#toOggRate(this.#samples);
    // at least one packet, as the look-ahead always reaches beyond the last sample
    const block = new Int16Array(this.#packetSamples);
    block.set(this.#blocks.rest());
    do {
      this.#waiting.push(this.#encode(block));
      block.fill(0);
    } while (this.#toOggRate(this.#packets * this.#packetSamples) < last);
    return this.#page(last, true);
  }

  close(): void {
    if (this.#state !== 0) this.#libopus.call('free', this.#state);
    this.#state = 0;
  }

  #page(granule: number, isLast = false): Uint8Array {
    const packets = this.#waiting;
    this.#waiting = [];
    return this.#stream.page(packets, { granule, isLast });
  }

  #encode(block: Int16Array): Uint8Array {
    this.#libopus.int16(this.#input, block.length).set(block);
    const size = this.#libopus.call(
      'encode',
      this.#state,
      this.#input,
      block.length,
      this.#output,
      MAX_PACKET_BYTES,
    );
    if (size < 0) throw new Error(`libopus failed with ${size}.`);
    this.#packets += 1;
    return this.#libopus.bytes(this.#output, size).slice();
  }

  #toOggRate(samples: number): number {
    return Math.round((samples * OGG_OPUS_RATE) / this.#sampleRate);
  }
}

/** The encoder's state, followed by room for the samples of a packet and for the packet. */
function open(libopus: Libopus, sampleRate: number, kilobits: number): number {
  const inputBytes = 2 * (sampleRate / PACKETS_A_SECOND);
  const state = libopus.allocate('malloc', stateBytes(libopus) + inputBytes + MAX_PACKET_BYTES);
  const check = (code: number): void => {
    if (code >= 0) return;
    libopus.call('free', state);
    throw new RangeError(`libopus takes no ${sampleRate} samples a second (${code}).`);
  };
  check(libopus.call('init', state, sampleRate, CHANNELS, APPLICATION_AUDIO));
  check(libopus.call('set', state, SET_BITRATE, 1_000 * kilobits));
  check(libopus.call('set', state, SET_COMPLEXITY, COMPLEXITY));
  check(libopus.call('set', state, SET_SIGNAL, SIGNAL_VOICE));
  return state;
}

/** Rounded up so that what follows lies at a place for 32-bit numbers. */
function stateBytes(libopus: Libopus): number {
  return Math.ceil(libopus.call('size', CHANNELS) / 8) * 8;
}

/** The identification header (RFC 7845, section 5.1). */
function head(sampleRate: number, preSkip: number): Uint8Array {
  const bytes = new Uint8Array(19);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('OpusHead'));
  bytes[8] = 1;
  bytes[9] = CHANNELS;
  view.setUint16(10, preSkip, true);
  view.setUint32(12, sampleRate, true);
  return bytes;
}

function tags(): Uint8Array {
  return joinBytes([
    new TextEncoder().encode('OpusTags'),
    syntheticComments('libopus'),
    new Uint8Array(PADDING_BYTES),
  ]);
}
