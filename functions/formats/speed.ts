/**
 * Faster or slower speech at the same pitch, by Sonic (Bill Cox): whole pitch periods are merged or repeated where
 * they fit best, so there is no seam to hear. Samples go in by fixed blocks, so any split gives the same audio.
 */
import { Blocks } from '#shared/audio/blocks.ts';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { bytesFromSamples, samplesFromBytes } from '#shared/audio/pcm.ts';
import { instances, type LibraryShape, type WasmLibrary } from './wasm-library.ts';

/** `sonic.wasm` of @echogarden/sonic-wasm 0.2.0. */
const SONIC = {
  exports: {
    memory: 'c',
    start: 'd',
    create: 'q',
    destroy: 'o',
    setSpeed: 'f',
    setQuality: 'l',
    write: 'z',
    read: 'w',
    flush: 'y',
    malloc: 'G',
    free: 'p',
  },
  growImport: 'a',
  copyImport: 'b',
  fatalImports: [],
} satisfies LibraryShape<string>;

type Sonic = WasmLibrary<keyof typeof SONIC.exports>;

const CHANNELS = 1;
const BLOCK_SAMPLES = 480;

/** Changes the speed of one stream of samples. */
export interface SpeedChanger {
  /** The samples that are settled; the caller owns them. */
  write(pcm: Int16Array): Int16Array;
  /** The rest. */
  end(): Int16Array;
  /** Gives back memory; a second call does nothing. */
  close(): void;
}

/** Makes changers, for a rate in samples a second and a speed in MIN_SPEED..MAX_SPEED. */
export function speedChangers(
  module: WebAssembly.Module,
): (sampleRate: number, speed: number) => SpeedChanger {
  const sonic = instances(module, SONIC);
  return (sampleRate, speed) => new SonicStream(sonic(), sampleRate, speed);
}

class SonicStream implements SpeedChanger {
  readonly #sonic: Sonic;
  readonly #blocks = new Blocks(BLOCK_SAMPLES);
  /** Room for a block, in and out. */
  readonly #buffer: number;
  #stream: number;

  constructor(sonic: Sonic, sampleRate: number, speed: number) {
    this.#sonic = sonic;
    this.#buffer = sonic.allocate('malloc', 2 * BLOCK_SAMPLES);
    this.#stream = sonic.call('create', sampleRate, CHANNELS);
    if (this.#stream === 0) {
      sonic.call('free', this.#buffer);
      throw new RangeError('An audio library found no memory.');
    }
    sonic.call('setSpeed', this.#stream, speed);
    // pitch periods are looked for among all samples, not among every third
    sonic.call('setQuality', this.#stream, 1);
  }

  write(pcm: Int16Array): Int16Array {
    const pieces: Int16Array[] = [];
    for (const block of this.#blocks.write(pcm)) pieces.push(...this.#feed(block));
    return joined(pieces);
  }

  end(): Int16Array {
    const pieces = this.#feed(this.#blocks.rest());
    this.#sonic.call('flush', this.#stream);
    return joined([...pieces, ...this.#drain()]);
  }

  close(): void {
    if (this.#stream === 0) return;
    this.#sonic.call('destroy', this.#stream);
    this.#sonic.call('free', this.#buffer);
    this.#stream = 0;
  }

  #feed(block: Int16Array): Int16Array[] {
    this.#sonic.int16(this.#buffer, block.length).set(block);
    if (this.#sonic.call('write', this.#stream, this.#buffer, block.length) === 0) {
      throw new RangeError('An audio library found no memory.');
    }
    return this.#drain();
  }

  #drain(): Int16Array[] {
    const pieces: Int16Array[] = [];
    for (;;) {
      const count = this.#sonic.call('read', this.#stream, this.#buffer, BLOCK_SAMPLES);
      if (count <= 0) return pieces;
      pieces.push(this.#sonic.int16(this.#buffer, count).slice());
    }
  }
}

function joined(pieces: readonly Int16Array[]): Int16Array {
  return samplesFromBytes(joinBytes(pieces.map(bytesFromSamples)));
}
