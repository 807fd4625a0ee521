/** EnCodec's encoder of a checkpoint, read when it is first needed: a recording becomes codes. */
import { waveform, type FineCodes } from '#shared/bark/shapes.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import { readCodecEncoder } from '../checkpoint/encoder-weights.ts';
import type { TensorSource } from '../checkpoint/tensors.ts';
import { openCodecEncoder } from '../models/codec-encoder.ts';
import { samplesOf } from './arguments.ts';
import { BarkError } from './bark-error.ts';

type OpenEncoder = Awaited<ReturnType<typeof openCodecEncoder>>;

/** What one call encodes. */
export const RECORDING_MAX_SECONDS = 600;

/** Whether these weights have an encoder, in a Bark folder or a codec's own. */
export function hasEncoder(tensors: TensorSource): boolean {
  return ['codec_model.', ''].some((prefix) => tensors.has(`${prefix}encoder.layers.0.conv.bias`));
}

/** The encoder of the checkpoint in a folder. */
export class RecordingEncoder {
  readonly #folder: string;
  readonly #threads: number;
  #encoder: Promise<OpenEncoder> | null = null;

  constructor(folder: string, threads: number) {
    this.#folder = folder;
    this.#threads = threads;
  }

  /** Codes [codebooks, frames]; throws BarkError for samples that are none, CheckpointError where there is no encoder. */
  async encode(samples: Float32Array, sampleRate: number, signal: AbortSignal): Promise<FineCodes> {
    const sound = samplesOf('samples', samples, RECORDING_MAX_SECONDS * sampleRate);
    const encoder = await this.#open();
    try {
      return await encoder.encode(waveform(sound), signal);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new BarkError(error.message, 'ValueError', error);
    }
  }

  /** Gives the memory back. */
  async release(): Promise<void> {
    const encoder = await this.#encoder?.catch(() => null);
    await encoder?.release();
  }

  /** Tried again where it failed. */
  #open(): Promise<OpenEncoder> {
    this.#encoder ??= this.#read().catch((error: unknown) => {
      this.#encoder = null;
      throw error;
    });
    return this.#encoder;
  }

  async #read(): Promise<OpenEncoder> {
    const { config, generation, tensors } = await openCheckpoint(this.#folder);
    try {
      const weights = await readCodecEncoder(tensors, config.codec, generation.fine.fineCodebooks);
      return await openCodecEncoder(weights, { threads: this.#threads });
    } finally {
      await tensors.close();
    }
  }
}
