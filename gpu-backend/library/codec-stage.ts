/** EnCodec by itself: codes to samples (reference: section 6), and a recording to codes. */
import { fineCodes, waveform, type FineCodes, type Waveform } from '#shared/bark/shapes.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import type { CodecConfig } from '../checkpoint/codec-config.ts';
import { readCodecEncoder } from '../checkpoint/encoder-weights.ts';
import { readCodecDecoder } from '../checkpoint/weights.ts';
import { openCodecEncoder } from '../models/codec-encoder.ts';
import { openCodecModel } from '../models/codec-model.ts';
import { BarkError } from './bark-error.ts';
import { threadsOf, type StageOptions } from './forward-call.ts';

type OpenCodec = Awaited<ReturnType<typeof openCodecModel>>;
type OpenEncoder = Awaited<ReturnType<typeof openCodecEncoder>>;

/** EnCodec: codes to samples and back. The encoder is read when it is first needed. */
export class CodecModel {
  readonly #codec: OpenCodec;
  readonly #config: CodecConfig;
  readonly #codebooks: number;
  readonly #openEncoder: () => Promise<OpenEncoder>;
  #encoder: Promise<OpenEncoder> | null = null;

  private constructor(
    codec: OpenCodec,
    config: CodecConfig,
    codebooks: number,
    openEncoder: () => Promise<OpenEncoder>,
  ) {
    this.#codec = codec;
    this.#config = config;
    this.#codebooks = codebooks;
    this.#openEncoder = openEncoder;
  }

  /** Reads the codec of a checkpoint's folder; throws CheckpointError naming the file at fault. */
  static async fromPretrained(folder: string, options: StageOptions = {}): Promise<CodecModel> {
    const { config, generation, tensors } = await openCheckpoint(folder);
    try {
      const codebooks = generation.fine.fineCodebooks;
      const weights = await readCodecDecoder(tensors, config.codec, codebooks);
      const threads = threadsOf(options);
      const codec = await openCodecModel(weights, { threads });
      return new CodecModel(codec, config.codec, codebooks, async () => {
        const again = await openCheckpoint(folder);
        try {
          const encoder = await readCodecEncoder(again.tensors, config.codec, codebooks);
          return await openCodecEncoder(encoder, { threads });
        } finally {
          await again.tensors.close();
        }
      });
    } finally {
      await tensors.close();
    }
  }

  /** Sizes of the codec. */
  get config(): CodecConfig {
    return this.#config;
  }

  /**
   * Samples of one utterance, [hopLength * T] at `config.sampleRate`, nominally -1..1, from codes [codebooks][T],
   * 0..codebookSize - 1. Throws BarkError for codes that do not fit; T = 0 gives no samples. Reference: section 6.
   */
  async decode(codes: readonly ArrayLike<number>[], signal?: AbortSignal): Promise<Waveform> {
    const frames = codes[0]?.length ?? 0;
    if (codes.length !== this.#codebooks || codes.some((row) => row.length !== frames)) {
      throw new BarkError(
        `codes must be ${this.#codebooks} rows of one length, a row a codebook.`,
        'ValueError',
      );
    }
    const flat = new Int32Array(codes.length * frames);
    codes.forEach((row, book) => flat.set(Array.from(row), book * frames));
    const stream = this.#codec.open();
    try {
      const checked = fineCodes(flat, this.#config.codebookSize);
      return await stream.decode(checked, signal ?? new AbortController().signal);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new BarkError(`codes do not fit the codec: ${error.message}`, 'IndexError', error);
    } finally {
      stream.close();
    }
  }

  /**
   * Codes [codebooks, ceil(samples / hopLength)] row by row of a recording, mono at `config.sampleRate`, nominally
   * -1..1: for each codebook in turn the entry nearest to what is left. Throws BarkError for a recording that is
   * empty or has a sample that is no number, CheckpointError for a checkpoint without its encoder.
   */
  async encode(samples: Float32Array, signal?: AbortSignal): Promise<FineCodes> {
    this.#encoder ??= this.#openEncoder();
    const encoder = await this.#encoder;
    try {
      return await encoder.encode(waveform(samples), signal ?? new AbortController().signal);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new BarkError(error.message, 'ValueError', error);
    }
  }

  /** Gives the memory back; the model is spent. */
  async release(): Promise<void> {
    await this.#codec.release();
    const encoder = await this.#encoder?.catch(() => null);
    await encoder?.release();
  }
}
