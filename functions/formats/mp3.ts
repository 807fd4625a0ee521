/**
 * MP3 (ISO 11172-3 and 13818-3) by LAME, at a constant bit rate: frames of 576 samples (1152 from 32 000 Hz on),
 * without the Xing header that a stream of unknown length could not fill in. Begins with an ID3 tag.
 * LAME delays by 576 samples, a decoder by 529 more.
 */
import type { Encoder } from '#shared/audio/encoder.ts';
import { syntheticId3 } from './id3.ts';
import { instances, type LibraryShape, type WasmLibrary } from './wasm-library.ts';

/** `wasm/mp3.wasm` of wasm-media-encoders 0.7.0. */
const LAME = {
  exports: {
    memory: 'memory',
    start: '_initialize',
    malloc: 'malloc',
    free: 'free',
    init: 'enc_init',
    pcm: 'enc_get_pcm',
    encode: 'enc_encode',
    output: 'enc_get_out_buf',
    flush: 'enc_flush',
    release: 'enc_free',
  },
  fatalImports: ['proc_exit'],
} satisfies LibraryShape<string>;

/** Kilobits a second by the lowest sample rate that has them: twice what LAME's own guide has for speech. */
const BITRATES: readonly (readonly [sampleRate: number, kilobits: number])[] = [
  [32_000, 96],
  [16_000, 64],
  [0, 32],
];

type Lame = WasmLibrary<keyof typeof LAME.exports>;

/** Channels and sample rate, then bit rate, VBR quality (float, negative for none) and output rate: 5 words. */
const PARAMETER_WORDS = 5;
const CHANNELS = 1;

/** What a full scale of 16 bits is divided by. */
const FULL_SCALE = 32_768;

/** Makes MP3 encoders, for a rate of the format. */
export function mp3Encoders(module: WebAssembly.Module): (sampleRate: number) => Encoder {
  const lame = instances(module, LAME);
  return (sampleRate) => mp3Encoder(lame(), sampleRate);
}

function mp3Encoder(lame: Lame, sampleRate: number): Encoder {
  let state = open(lame, sampleRate);
  const taken = (length: number): Uint8Array => {
    if (length < 0) throw new Error(`LAME failed with ${length}.`);
    return lame.bytes(lame.call('output', state), length).slice();
  };
  return {
    begin: syntheticId3,
    write(pcm) {
      if (pcm.length === 0) return new Uint8Array(0);
      const [channel = 0] = lame.int32(lame.allocate('pcm', state, pcm.length), CHANNELS);
      const input = lame.float32(channel, pcm.length);
      for (let i = 0; i < pcm.length; i += 1) input[i] = (pcm[i] ?? 0) / FULL_SCALE;
      return taken(lame.call('encode', state, pcm.length));
    },
    keepAlive: () => new Uint8Array(0),
    end: () => taken(lame.call('flush', state)),
    close() {
      if (state !== 0) lame.call('release', state);
      state = 0;
    },
  };
}

function open(lame: Lame, sampleRate: number): number {
  const parameters = lame.allocate('malloc', 4 * PARAMETER_WORDS);
  try {
    const kilobits = BITRATES.find(([lowest]) => sampleRate >= lowest)?.[1] ?? 0;
    const words = lame.int32(parameters, PARAMETER_WORDS);
    words.set([CHANNELS, sampleRate, kilobits, 0, sampleRate]);
    lame.float32(parameters, PARAMETER_WORDS)[3] = -1;
    return lame.allocate('init', parameters);
  } finally {
    lame.call('free', parameters);
  }
}
