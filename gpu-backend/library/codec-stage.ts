/** EnCodec's decoder by itself (reference: section 6). */
import { fineCodes, type Waveform } from '#shared/bark/shapes.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import type { CodecConfig } from '../checkpoint/codec-config.ts';
import { readCodecDecoder } from '../checkpoint/weights.ts';
import { openCodecModel } from '../models/codec-model.ts';
import { BarkError } from './bark-error.ts';
import { threadsOf, type StageOptions } from './forward-call.ts';

type OpenCodec = Awaited<ReturnType<typeof openCodecModel>>;

/** Codes to samples. */
export class CodecModel {
  readonly #codec: OpenCodec;
  readonly #config: CodecConfig;
  readonly #codebooks: number;

  private constructor(codec: OpenCodec, config: CodecConfig, codebooks: number) {
    this.#codec = codec;
    this.#config = config;
    this.#codebooks = codebooks;
  }

  /** Reads the codec of a checkpoint's folder; throws CheckpointError naming the file at fault. */
  static async fromPretrained(folder: string, options: StageOptions = {}): Promise<CodecModel> {
    const { config, generation, tensors } = await openCheckpoint(folder);
    try {
      const codebooks = generation.fine.fineCodebooks;
      const weights = await readCodecDecoder(tensors, config.codec, codebooks);
      const codec = await openCodecModel(weights, { threads: threadsOf(options) });
      return new CodecModel(codec, config.codec, codebooks);
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

  /** Gives the memory back; the model is spent. */
  async release(): Promise<void> {
    await this.#codec.release();
  }
}
