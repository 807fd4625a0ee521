/**
 * From the model's samples to bytes of any format: speed, then sample rate, then the encoder. Libraries are loaded
 * when a request first needs them, once an isolate.
 */
import type { Encoder } from '#shared/audio/encoder.ts';
import type { AudioShape, SampledFormat } from '#shared/audio/formats.ts';
import { aLawEncoder, muLawEncoder } from '#shared/audio/g711.ts';
import { pcmEncoder } from '#shared/audio/pcm.ts';
import { withReserve } from '#shared/audio/reserve.ts';
import { wavEncoder } from '#shared/audio/wav.ts';
import { aacEncoders } from './aac.ts';
import { flacEncoders } from './flac.ts';
import { mp3Encoders } from './mp3.ts';
import { opusEncoders } from './opus.ts';
import { shapedEncoder } from './shaped-encoder.ts';
import { speedChangers } from './speed.ts';

/** The libraries, compiled; workerd compiles none while it runs, so they come as modules. */
export type AudioLibrary = 'mp3' | 'opus' | 'aac' | 'flac' | 'sonic';
export type LoadLibrary = (name: AudioLibrary) => Promise<WebAssembly.Module>;

/** Begins an encoder for s16 mono samples of this rate; whoever calls closes it. */
export type OpenEncoder = (inputRate: number) => Encoder;

type EncoderOfRate = (
  sampleRate: number,
  kilobits?: number,
  encoding?: AudioShape['encoding'],
) => Encoder;

export class AudioEncoders {
  readonly #encoders: Readonly<Record<SampledFormat, () => Promise<EncoderOfRate>>>;
  readonly #speedChangers: () => Promise<ReturnType<typeof speedChangers>>;

  constructor(load: LoadLibrary) {
    this.#encoders = {
      mp3: lazily(
        () => load('mp3'),
        (module) => reserved(mp3Encoders(module)),
      ),
      opus: lazily(
        () => load('opus'),
        (module) => reserved(opusEncoders(module)),
      ),
      aac: lazily(
        () => load('aac'),
        (module) => reserved(aacEncoders(module)),
      ),
      flac: lazily(
        () => load('flac'),
        (module) => reserved(flacEncoders(module)),
      ),
      wav: async () => (sampleRate, _, encoding) => wavEncoder(sampleRate, encoding),
      pcm: async () => pcmEncoder,
      mulaw: async () => reserved(muLawEncoder),
      alaw: async () => reserved(aLawEncoder),
    };
    this.#speedChangers = lazily(() => load('sonic'), speedChangers);
  }

  /** Loads what the shape needs; what comes back opens encoders without waiting. */
  async prepare(shape: AudioShape): Promise<OpenEncoder> {
    const { format, sampleRate, speed, kilobits, encoding } = shape;
    const [encoder, changer] = await Promise.all([
      this.#encoders[format](),
      speed === 1 ? null : this.#speedChangers(),
    ]);
    return (inputRate) =>
      shapedEncoder({
        inputRate,
        sampleRate,
        changer: changer === null ? null : () => changer(inputRate, speed),
        encoder: () => encoder(sampleRate, kilobits, encoding),
      });
  }
}

function reserved(encoder: EncoderOfRate): EncoderOfRate {
  return (sampleRate, kilobits) => withReserve(encoder(sampleRate, kilobits));
}

/** What is made of a module, once. Promises are not shared: in workerd each belongs to its request. */
function lazily<Made>(
  load: () => Promise<WebAssembly.Module>,
  make: (module: WebAssembly.Module) => Made,
): () => Promise<Made> {
  let made: Made | undefined;
  return async () => {
    if (made === undefined) {
      const module = await load();
      made ??= make(module);
    }
    return made;
  };
}
