/** Bark as a whole: text ids and a voice to audio (reference: `BarkModel`, section 7). */
import { availableParallelism } from 'node:os';
import type { LatencyMode, SpeechOptions } from '#shared/bark/options.ts';
import { waveform, type FineCodes, type TextTokens, type Waveform } from '#shared/bark/shapes.ts';
import type { Voice } from '#shared/bark/voice.ts';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import { openBarkModels, type LoadedModels } from '../models/bark-models.ts';
import type { ModelOptions } from '../models/options.ts';
import { generate, type BatchProgress } from '../pipeline/generate.ts';
import { philoxRandomness } from '../pipeline/randomness.ts';
import { generateSemantic } from '../pipeline/semantic.ts';
import { synthesize } from '../pipeline/synthesize.ts';
import { described, fieldsOf, signalOf } from './arguments.ts';
import type { BarkConfig, GenerationConfig } from './bark-config.ts';
import { BarkError } from './bark-error.ts';
import { readInputs, textRows, voiceOrNull, type GenerateInputs } from './generate-inputs.ts';
import {
  optionLimits,
  randomSeed,
  refuseOptions,
  speechOptions,
  type GenerateOptions,
} from './generate-options.ts';
import { Lifetime } from './lifetime.ts';
import { modelOptions, unavailable } from './model-options.ts';
import { modelFolder } from './model-folder.ts';
import { hasEncoder, RecordingEncoder } from './recording-encoder.ts';
import { takeOf, type GenerateResult } from './take.ts';

/** How a model is held and computed; see the options themselves. */
export type BarkModelOptions = Partial<ModelOptions>;

/** What `stream` takes: one row, and how early its audio may leave (reference: sections 7.2 and 10). */
export interface StreamOptions extends Omit<
  GenerateOptions,
  'returnOutputLengths' | 'rowIndependentFine' | 'outputFull'
> {
  /** `exact` unless told: the samples of `generate`, as early as that allows. The others leave earlier and differ. */
  readonly latency?: LatencyMode | undefined;
}

const LATENCIES: readonly LatencyMode[] = ['exact', 'balanced', 'fast'];
const ONE_ROW = 'stream yields one row as it is; generate has it';

/** A loaded checkpoint that speaks (reference: section 7). Calls may overlap; `release` gives its memory back. */
export class BarkModel {
  readonly #life = new Lifetime();
  readonly #models: LoadedModels;
  readonly #config: BarkConfig;
  readonly #generation: GenerationConfig;

  readonly #encoder: RecordingEncoder;
  readonly #hasEncoder: boolean;

  private constructor(
    models: LoadedModels,
    { config, generation, folder, tensors }: Checkpoint,
    threads: number,
  ) {
    this.#models = models;
    this.#config = config;
    this.#generation = generation;
    this.#encoder = new RecordingEncoder(folder, threads);
    this.#hasEncoder = hasEncoder(tensors);
  }

  /**
   * Loads a checkpoint's folder in the hub's layout, or that of a repository that was pulled. Threads are those of the
   * machine and precision is fp32, or int8 where the weights are stored so, unless told. Throws BarkError for options that do not fit or that this machine can not
   * have, CheckpointError naming the file at fault. Reference: section 1.
   */
  static async fromPretrained(folder: string, options: BarkModelOptions = {}): Promise<BarkModel> {
    const { threads = availableParallelism(), ...choices } = modelOptions(options);
    const checkpoint = await openCheckpoint(await modelFolder(folder));
    try {
      const models = await openBarkModels(checkpoint, { threads, ...choices }).catch(unavailable);
      return new BarkModel(models, checkpoint, threads);
    } finally {
      await checkpoint.tensors.close();
    }
  }

  /** Sizes of the model (`config.json`). */
  get config(): BarkConfig {
    return this.#config;
  }

  /** Token ids, windows and what is sampled how unless told (`generation_config.json`). */
  get generationConfig(): GenerationConfig {
    return this.#generation;
  }

  /** Samples a second, 24 000. */
  get sampleRate(): number {
    return this.#generation.sampleRate;
  }

  /** Whether the checkpoint has the codec's encoder, so that a recording can become codes or a voice. */
  get hasEncoder(): boolean {
    return this.#hasEncoder;
  }

  /**
   * Speaks every row. A row of which the model says nothing, the end being the first token, has no samples, no
   * codes and no voice (the reference breaks). Throws BarkError for inputs and options that do not fit, naming
   * them, and the signal's reason when aborted. Reference: section 7.
   */
  async generate(inputs: GenerateInputs, options: GenerateOptions = {}): Promise<GenerateResult> {
    this.#life.assertAlive();
    const given = fieldsOf('options', options);
    const choices = this.#choices(given);
    const { rows, voice } = this.#read(inputs, given);
    const seed = given.seed ?? randomSeed();
    const isAlone = given.rowIndependentFine ?? true;
    const results = await this.#life.run(signalOf(given.signal), (signal) =>
      generate(
        this.#models,
        this.#generation,
        {
          rows,
          voice,
          options: choices,
          rowIndependentFine: isAlone,
          cutToLength: given.returnOutputLengths ?? isAlone,
          randomness: philoxRandomness(seed),
          firstRow: given.firstRow ?? 0,
          ...(given.onProgress && { onProgress: given.onProgress }),
        },
        signal,
      ),
    );
    const longest = results.reduce((most, { audio }) => Math.max(most, audio.length), 0);
    return {
      audio: results.map(({ audio }) => paddedTo(audio, longest)),
      sampleRate: this.sampleRate,
      outputLengths:
        given.returnOutputLengths === true ? results.map(({ audio }) => audio.length) : null,
      takes: given.outputFull === true ? results.map((row) => takeOf(row, this.#generation)) : null,
      seed,
    };
  }

  /**
   * Speaks one row and yields its samples as they come; together they are those of `generate` with the same seed
   * if `latency` is `exact`. Leaving the loop stops the work. Throws as `generate` does, once it is read from. Reference:
   * section 10.1.
   */
  async *stream(
    inputs: GenerateInputs,
    options: StreamOptions = {},
  ): AsyncGenerator<Waveform, void, undefined> {
    this.#life.assertAlive();
    const { latency = 'exact', ...given } = fieldsOf('options', options);
    if (!LATENCIES.includes(latency)) {
      throw new BarkError(
        `latency must be one of ${LATENCIES.join(', ')}; it is ${described(latency)}.`,
        'ValueError',
      );
    }
    refuseOptions(given, {
      returnOutputLengths: ONE_ROW,
      rowIndependentFine: ONE_ROW,
      outputFull: ONE_ROW,
    });
    const choices = this.#choices(given);
    const { rows, voice } = this.#read(inputs, given);
    const [text, ...others] = rows;
    if (text === undefined || others.length > 0) {
      throw new BarkError(
        `stream speaks one row; there are ${rows.length}. Call it for each, or generate for all.`,
        null,
      );
    }
    const tools = {
      models: this.#models,
      generation: this.#generation,
      randomness: philoxRandomness,
      now: () => performance.now(),
      onProgress: (stage: BatchProgress['stage'], step: number) =>
        given.onProgress?.({ stage, row: 0, step }),
    };
    const request = {
      text,
      voice,
      options: choices,
      latency,
      seed: given.seed ?? randomSeed(),
      row: given.firstRow ?? 0,
    };
    const events = this.#life.stream(signalOf(given.signal), (signal) =>
      synthesize(tools, request, signal),
    );
    for await (const event of events) if (event.type === 'audio') yield event.samples;
  }

  /**
   * What the semantic stage alone makes of each row: tokens [L] in 0..9 999 without the end, 49.9 a second. Of the
   * options those of that stage count, and `seed`, `firstRow`, `signal` and `onProgress`. Throws as `generate` does.
   * Reference: section 3.
   */
  async generateSemantic(
    inputs: GenerateInputs,
    options: GenerateOptions = {},
  ): Promise<readonly Int32Array[]> {
    this.#life.assertAlive();
    const given = fieldsOf('options', options);
    const choices = this.#choices(given);
    const { rows, voice } = this.#read(inputs, given);
    const draws = philoxRandomness(given.seed ?? randomSeed());
    return await this.#life.run(signalOf(given.signal), async (signal) => {
      const spoken: Int32Array[] = [];
      for (const [row, text] of rows.entries()) {
        const stage = {
          text,
          history: voice?.semanticPrompt ?? null,
          options: choices.semantic ?? {},
          draw: draws('semantic', (given.firstRow ?? 0) + row),
        };
        const tokens: number[] = [];
        const { semantic } = this.#generation;
        for await (const token of generateSemantic(
          this.#models.semantic,
          semantic,
          stage,
          signal,
        )) {
          tokens.push(token);
          given.onProgress?.({ stage: 'semantic', row, step: tokens.length });
        }
        spoken.push(Int32Array.from(tokens));
      }
      return spoken;
    });
  }

  /**
   * Codes [8, ceil(samples / 320)] row by row, 0..1023, of a recording: mono at `sampleRate`, nominally -1..1, at most 10
   * minutes. The encoder is read when it is first needed. Throws BarkError for samples that do not fit, CheckpointError
   * for a checkpoint without encoder (`hasEncoder`). Reference: section 6, the other way.
   */
  async encode(samples: Float32Array, signal?: AbortSignal | null): Promise<FineCodes> {
    this.#life.assertAlive();
    return await this.#life.run(signalOf(signal), (either) =>
      this.#encoder.encode(samples, this.sampleRate, either),
    );
  }

  /**
   * Gives the memory back; the model is spent. What runs is stopped first and throws BarkError, as does what is
   * called later. A second call does nothing.
   */
  async release(): Promise<void> {
    await this.#life.release(async () => {
      await this.#models.release();
      await this.#encoder.release();
    });
  }

  #read(
    inputs: GenerateInputs,
    { historyPrompt }: GenerateOptions,
  ): { rows: TextTokens[]; voice: Voice | null } {
    const sizes = { config: this.#config, generation: this.#generation };
    const given = readInputs(inputs);
    return {
      rows: textRows(given, sizes),
      voice: voiceOrNull(historyPrompt === undefined ? given.historyPrompt : historyPrompt, sizes),
    };
  }

  #choices(options: GenerateOptions): SpeechOptions {
    return speechOptions(options, optionLimits(this.#config, this.#generation));
  }
}

function paddedTo(audio: Waveform, length: number): Waveform {
  if (audio.length === length) return audio;
  const padded = new Float32Array(length);
  padded.set(audio);
  return waveform(padded);
}
