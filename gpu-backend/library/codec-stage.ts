/** EnCodec by itself: codes to samples (reference: section 6), and a recording to codes. */
import { fineCodes, type FineCodes, type Waveform } from '#shared/bark/shapes.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import type { CodecConfig } from '../checkpoint/codec-config.ts';
import { readCodecDecoder } from '../checkpoint/weights.ts';
import { openCodecModel } from '../models/codec-model.ts';
import { integersOf, itemsOf, signalOf } from './arguments.ts';
import { BarkError } from './bark-error.ts';
import { threadsOf, type StageOptions } from './forward-call.ts';
import { Lifetime } from './lifetime.ts';
import { modelFolder } from './model-folder.ts';
import { RECORDING_MAX_SECONDS, RecordingEncoder } from './recording-encoder.ts';

type OpenCodec = Awaited<ReturnType<typeof openCodecModel>>;
/** What one call decodes: 10 minutes. */
const FRAMES_MAX = 75 * RECORDING_MAX_SECONDS;
const CODEBOOKS_MAX = 32;

/** EnCodec: codes to samples and back (reference: section 6). The encoder is read when it is first needed. */
export class CodecModel {
  readonly #life = new Lifetime();
  readonly #codec: OpenCodec;
  readonly #config: CodecConfig;
  readonly #codebooks: number;
  readonly #encoder: RecordingEncoder;

  private constructor(
    codec: OpenCodec,
    config: CodecConfig,
    codebooks: number,
    encoder: RecordingEncoder,
  ) {
    this.#codec = codec;
    this.#config = config;
    this.#codebooks = codebooks;
    this.#encoder = encoder;
  }

  /** Reads the codec of a checkpoint's folder; throws BarkError for options, CheckpointError naming the file at fault. */
  static async fromPretrained(folder: string, options: StageOptions = {}): Promise<CodecModel> {
    const threads = threadsOf(options);
    const path = await modelFolder(folder);
    const { config, generation, tensors } = await openCheckpoint(path);
    try {
      const codebooks = generation.fine.fineCodebooks;
      const weights = await readCodecDecoder(tensors, config.codec, codebooks);
      const codec = await openCodecModel(weights, { threads });
      return new CodecModel(codec, config.codec, codebooks, new RecordingEncoder(path, threads));
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
  async decode(
    codes: readonly ArrayLike<number>[],
    signal?: AbortSignal | null,
  ): Promise<Waveform> {
    this.#life.assertAlive();
    const flat = this.#flat(codes);
    return await this.#life.run(signalOf(signal), async (either) => {
      const stream = this.#codec.open();
      try {
        return await stream.decode(flat, either);
      } finally {
        stream.close();
      }
    });
  }

  /**
   * Codes [codebooks, ceil(samples / hopLength)] row by row of a recording, mono at `config.sampleRate`, nominally
   * -1..1, at most 10 minutes: for each codebook in turn the entry nearest to what is left. Throws BarkError for a
   * recording that is empty, too long or has a sample that is no number, CheckpointError for a checkpoint without its
   * encoder. Reference: section 6, the other way.
   */
  async encode(samples: Float32Array, signal?: AbortSignal | null): Promise<FineCodes> {
    this.#life.assertAlive();
    return await this.#life.run(signalOf(signal), (either) =>
      this.#encoder.encode(samples, this.#config.sampleRate, either),
    );
  }

  /** Gives the memory back; what is called afterwards throws BarkError. A second call does nothing. */
  async release(): Promise<void> {
    await this.#life.release(async () => {
      await this.#codec.release();
      await this.#encoder.release();
    });
  }

  #flat(codes: readonly ArrayLike<number>[]): FineCodes {
    const shape = `${this.#codebooks} rows of one length, a row a codebook`;
    const rows = itemsOf('codes', codes, { shape, most: CODEBOOKS_MAX });
    if (rows.length !== this.#codebooks) throw unevenCodes(shape);
    const { codebookSize } = this.#config;
    const bounds = { min: 0, max: codebookSize - 1, most: FRAMES_MAX };
    const checked = rows.map((row, book) => integersOf(`codes[${book}]`, row, bounds));
    const frames = checked[0]?.length ?? 0;
    if (checked.some((row) => row.length !== frames)) throw unevenCodes(shape);
    const flat = new Int32Array(checked.length * frames);
    checked.forEach((row, book) => flat.set(row, book * frames));
    return fineCodes(flat, codebookSize);
  }
}

function unevenCodes(shape: string): BarkError {
  return new BarkError(`codes must be ${shape}.`, 'ValueError');
}
