/**
 * MP3 (ISO 11172-3 and 13818-3) by LAME, at a constant bit rate: frames of 576 samples (1152 from 32 000 Hz on),
 * without the Xing header that a stream of unknown length could not fill in. Begins with an ID3 tag.
 * LAME delays by 576 samples, a decoder by 529 more.
 */
import type { Encoder } from '#shared/audio/encoder.ts';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { syntheticId3 } from './id3.ts';
import { instances, type LibraryShape, type WasmLibrary } from './wasm-library.ts';

/** The library in @mediabunny/mp3-encoder 1.61.0. */
const LAME = {
  exports: {
    memory: 'e',
    start: 'f',
    init: 'g',
    encode: 'h',
    flush: 'i',
    close: 'j',
    free: 'k',
    malloc: 'l',
  },
  growImport: 'c',
  fatalImports: ['a'],
} satisfies LibraryShape<string>;

type Lame = WasmLibrary<keyof typeof LAME.exports>;

/** Kilobits a second by the lowest sample rate that has them: twice what LAME's own guide has for speech. */
const BITRATES: readonly (readonly [sampleRate: number, kilobits: number])[] = [
  [32_000, 96],
  [16_000, 64],
  [0, 32],
];

const CHANNELS = 1;

/** Samples that LAME gets at once. */
const BLOCK_SAMPLES = 1_152;

/** What that many can become at most, and what can be flushed (lame.h: 1.25 a sample and 7200). */
const OUTPUT_BYTES = 1.25 * BLOCK_SAMPLES + 7_200;

/** Makes MP3 encoders, for a rate of the format. */
export function mp3Encoders(
  module: WebAssembly.Module,
): (sampleRate: number, kilobits?: number) => Encoder {
  const lame = instances(module, LAME);
  return (sampleRate, kilobits = usualKilobits(sampleRate)) =>
    new Mp3Encoder(lame(), sampleRate, kilobits);
}

function usualKilobits(sampleRate: number): number {
  return BITRATES.find(([lowest]) => sampleRate >= lowest)?.[1] ?? 0;
}

class Mp3Encoder implements Encoder {
  readonly #lame: Lame;
  /** Room for a block of samples, then for what it becomes. */
  readonly #input: number;
  readonly #output: number;
  #state: number;

  constructor(lame: Lame, sampleRate: number, kilobits: number) {
    this.#lame = lame;
    this.#input = lame.allocate('malloc', 2 * BLOCK_SAMPLES + OUTPUT_BYTES);
    this.#output = this.#input + 2 * BLOCK_SAMPLES;
    this.#state = lame.call('init', CHANNELS, sampleRate, 1_000 * kilobits);
    if (this.#state === 0) {
      lame.call('free', this.#input);
      throw new RangeError('An audio library found no memory.');
    }
  }

  begin(): Uint8Array {
    return syntheticId3();
  }

  write(pcm: Int16Array): Uint8Array {
    const frames: Uint8Array[] = [];
    for (let at = 0; at < pcm.length; at += BLOCK_SAMPLES) {
      const block = pcm.subarray(at, at + BLOCK_SAMPLES);
      this.#lame.int16(this.#input, block.length).set(block);
      frames.push(this.#taken('encode', this.#input, this.#input, block.length));
    }
    return joinBytes(frames);
  }

  keepAlive(): Uint8Array {
    return new Uint8Array(0);
  }

  end(): Uint8Array {
    return this.#taken('flush');
  }

  close(): void {
    if (this.#state === 0) return;
    this.#lame.call('close', this.#state);
    this.#lame.call('free', this.#input);
    this.#state = 0;
  }

  #taken(what: 'encode' | 'flush', ...input: readonly number[]): Uint8Array {
    const size = this.#lame.call(what, this.#state, ...input, this.#output, OUTPUT_BYTES);
    if (size < 0) throw new Error(`LAME failed with ${size}.`);
    return this.#lame.bytes(this.#output, size).slice();
  }
}
