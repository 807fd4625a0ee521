/** Bark as a whole: text ids and a voice to audio (reference: `BarkModel`, section 7). */
import { availableParallelism } from 'node:os';
import type { LatencyMode, SpeechOptions } from '#shared/bark/options.ts';
import { textTokens, waveform, type TextTokens, type Waveform } from '#shared/bark/shapes.ts';
import type { Voice } from '#shared/bark/voice.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import { openBarkModels, type LoadedModels } from '../models/bark-models.ts';
import type { ModelOptions } from '../models/options.ts';
import { coarseCodesOf } from '../pipeline/coarse.ts';
import { sliceFrames } from '../pipeline/codec.ts';
import { generate, type GeneratedRow } from '../pipeline/generate.ts';
import { philoxRandomness } from '../pipeline/randomness.ts';
import { synthesize } from '../pipeline/synthesize.ts';
import { voiceFromTake } from '../voices/voice-from-take.ts';
import type { BarkConfig, GenerationConfig } from './bark-config.ts';
import { BarkError } from './bark-error.ts';
import { assertModelOptions } from './model-options.ts';
import { randomSeed, speechOptions, type GenerateOptions } from './generate-options.ts';

/** What the int32 of a row holds. */
const INT32_MAX = 2 ** 31 - 1;

/** How a model is held and computed; see the options themselves. */
export type BarkModelOptions = Partial<ModelOptions>;

/** What a processor answers, or the same by hand. */
export interface GenerateInputs {
  /** [B][length] BERT ids before Bark's offset; of each row the first 256 count. */
  readonly inputIds: readonly ArrayLike<number>[];
  /** [B][length], 1 where an id counts and 0 where it is padding. Without it all ids count, padding too. */
  readonly attentionMask?: readonly ArrayLike<number>[];
  /** One voice for all rows. */
  readonly historyPrompt?: Voice | null;
}

/** All that was made of one row; codes [books, T] row by row, T frames of 1/75 s. */
export interface Take {
  /** [L] semantic tokens without the end, 49.9 a second. */
  readonly semantic: Int32Array;
  /** [2, T] codes of the coarse stage, 0..1023. */
  readonly coarse: Int32Array;
  /** [8, T] codes of the fine stage, 0..1023; the first two rows are those of `coarse`. */
  readonly fine: Int32Array;
  /** Whether the model ended by itself; false means that the limit of semantic tokens cut it. */
  readonly isComplete: boolean;
  /** What was said as the voice of what is said next (reference: section 7.6); null when nothing was said. */
  readonly voice: Voice | null;
}

/** What `generate` answers. */
export interface GenerateResult {
  /** [B] rows of samples, all of one length, `sampleRate` a second, nominally -1..1. Rows that end earlier are silent to the end, unless `rowIndependentFine` is false and `returnOutputLengths` too: then they end in noise, as in the reference. */
  readonly audio: readonly Waveform[];
  /** Samples a second, 24 000. */
  readonly sampleRate: number;
  /** [B] samples of each row, if `returnOutputLengths`: 0 for a row of which the model said nothing. */
  readonly outputLengths: readonly number[] | null;
  /** [B], if `outputFull`. */
  readonly takes: readonly Take[] | null;
  /** The seed that was taken. */
  readonly seed: number;
}

/** What `stream` takes: one row, and how early its audio may leave. */
export interface StreamOptions extends Omit<
  GenerateOptions,
  'returnOutputLengths' | 'rowIndependentFine' | 'outputFull'
> {
  /** `exact` unless told: the samples of `generate`, as early as that allows. The others leave earlier and differ. */
  readonly latency?: LatencyMode | undefined;
}

/** A loaded checkpoint that speaks. Calls may overlap; `release` gives its memory back. */
export class BarkModel {
  readonly #models: LoadedModels;
  readonly #config: BarkConfig;
  readonly #generation: GenerationConfig;

  private constructor(models: LoadedModels, config: BarkConfig, generation: GenerationConfig) {
    this.#models = models;
    this.#config = config;
    this.#generation = generation;
  }

  /**
   * Loads a checkpoint's folder in the hub's layout; throws CheckpointError naming the file at fault. Threads are
   * those of the machine and precision is fp32 unless told.
   */
  static async fromPretrained(folder: string, options: BarkModelOptions = {}): Promise<BarkModel> {
    assertModelOptions(options);
    const { config, generation, tensors, ...rest } = await openCheckpoint(folder);
    try {
      const models = await openBarkModels(
        { config, generation, tensors, ...rest },
        { threads: availableParallelism(), ...options },
      );
      return new BarkModel(models, config, generation);
    } finally {
      await tensors.close();
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

  /**
   * Speaks every row. A row of which the model says nothing, the end being the first token, has no samples, no
   * codes and no voice (the reference breaks). Throws BarkError for inputs and options that do not fit, naming
   * them, and the signal's reason when aborted. Reference: section 7.
   */
  async generate(inputs: GenerateInputs, options: GenerateOptions = {}): Promise<GenerateResult> {
    const choices = this.#choices(options);
    const rows = this.#rows(inputs);
    const voice = this.#voice(inputs, options);
    const seed = options.seed ?? randomSeed();
    const isAlone = options.rowIndependentFine ?? true;
    const results = await generate(
      this.#models,
      this.#generation,
      {
        rows,
        voice,
        options: choices,
        rowIndependentFine: isAlone,
        cutToLength: options.returnOutputLengths ?? isAlone,
        randomness: philoxRandomness(seed),
        firstRow: options.firstRow ?? 0,
        ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
      },
      options.signal ?? new AbortController().signal,
    );
    const longest = results.reduce((most, { audio }) => Math.max(most, audio.length), 0);
    return {
      audio: results.map(({ audio }) => paddedTo(audio, longest)),
      sampleRate: this.sampleRate,
      outputLengths:
        options.returnOutputLengths === true ? results.map(({ audio }) => audio.length) : null,
      takes: options.outputFull === true ? results.map((row) => this.#take(row)) : null,
      seed,
    };
  }

  /**
   * Speaks one row and yields its samples as they come; together they are those of `generate` with the same seed
   * if `latency` is `exact`. Leaving the loop stops the work. Throws as `generate` does.
   */
  async *stream(
    inputs: GenerateInputs,
    { latency = 'exact', ...options }: StreamOptions = {},
  ): AsyncGenerator<Waveform, void, undefined> {
    const choices = this.#choices(options);
    const [text, ...others] = this.#rows(inputs);
    if (text === undefined || others.length > 0) {
      throw new BarkError(`stream speaks one row; there are ${inputs.inputIds.length}.`, null);
    }
    const row = options.firstRow ?? 0;
    const events = synthesize(
      {
        models: this.#models,
        generation: this.#generation,
        randomness: philoxRandomness,
        now: () => performance.now(),
        onProgress: (stage, step) => options.onProgress?.({ stage, row: 0, step }),
      },
      {
        text,
        voice: this.#voice(inputs, options),
        options: choices,
        latency,
        seed: options.seed ?? randomSeed(),
        row,
      },
      options.signal ?? new AbortController().signal,
    );
    for await (const event of events) if (event.type === 'audio') yield event.samples;
  }

  /** Gives the memory back; the model is spent. */
  async release(): Promise<void> {
    await this.#models.release();
  }

  #choices(options: GenerateOptions): SpeechOptions {
    const { maxInputSemanticLength } = this.#generation.semantic;
    // the prompt ends with the infer token, and the last token of all is not read again
    const semanticTokens = this.#config.semantic.blockSize - maxInputSemanticLength;
    return speechOptions(options, { semanticTokens });
  }

  #rows({ inputIds, attentionMask }: GenerateInputs): TextTokens[] {
    if (inputIds === undefined || inputIds.length === 0) {
      throw new BarkError('inputIds is missing; give at least one row.', 'ValueError');
    }
    const isCovered = (ids: ArrayLike<number>, row: number): boolean =>
      attentionMask === undefined || attentionMask[row]?.length === ids.length;
    if (
      !inputIds.every(isCovered) ||
      (attentionMask?.length ?? inputIds.length) !== inputIds.length
    ) {
      throw new BarkError(
        'attentionMask must have the rows and lengths of inputIds.',
        'ValueError',
      );
    }
    return inputIds.map((ids, row) => {
      if (!Array.from(ids).every((id) => id === Math.trunc(id) && Math.abs(id) <= INT32_MAX)) {
        throw new BarkError('inputIds must hold whole numbers of 32 bits.', 'TypeError');
      }
      const text = textTokens(
        Int32Array.from(ids),
        Uint8Array.from(attentionMask?.[row] ?? new Uint8Array(ids.length).fill(1)),
      );
      this.#assertIds(text);
      return text;
    });
  }

  #assertIds({ ids, mask }: TextTokens): void {
    const { semantic } = this.#generation;
    const limit = this.#config.semantic.inputVocabularySize - semantic.textEncodingOffset;
    const counted = ids.subarray(0, semantic.maxInputSemanticLength);
    const wrong = counted.findIndex((id, i) => mask[i] === 1 && (id < 0 || id >= limit));
    if (wrong === -1) return;
    throw new BarkError(
      `An id of inputIds must lie in 0..${limit - 1}; entry ${wrong} does not.`,
      'IndexError',
    );
  }

  #voice(inputs: GenerateInputs, options: GenerateOptions): Voice | null {
    const voice =
      options.historyPrompt === undefined ? (inputs.historyPrompt ?? null) : options.historyPrompt;
    if (voice === null) return null;
    const prompts = [voice.semanticPrompt, voice.coarsePrompt, voice.finePrompt];
    if (!prompts.every((prompt) => prompt instanceof Uint16Array)) {
      throw new BarkError(
        'historyPrompt must be a voice: semanticPrompt, coarsePrompt and finePrompt as Uint16Array. BarkProcessor.loadVoicePreset makes one of a name or a file.',
        'TypeError',
      );
    }
    const { semantic, codebookSize } = this.#generation;
    if (
      !isBelow(voice.semanticPrompt, semantic.semanticVocabularySize) ||
      !isBelow(voice.coarsePrompt, codebookSize) ||
      !isBelow(voice.finePrompt, codebookSize)
    ) {
      throw new BarkError(
        `historyPrompt has tokens that this model does not know: semantic ones must lie below ${semantic.semanticVocabularySize}, codes below ${codebookSize}.`,
        'IndexError',
      );
    }
    return voice;
  }

  #take({ semantic, coarse, fine, frames, isComplete }: GeneratedRow): Take {
    const { eosTokenId } = this.#generation.semantic;
    const { coarseCodebooks } = this.#generation.coarse;
    const ids = coarse.subarray(0, frames * coarseCodebooks);
    const codes = sliceFrames(fine, 0, frames, this.#generation);
    return {
      semantic: semantic.filter((token) => token !== eosTokenId),
      coarse: coarseCodesOf(ids, this.#generation),
      fine: codes,
      isComplete,
      voice:
        frames === 0
          ? null
          : voiceFromTake({ semantic, coarse: ids, fine: codes }, this.#generation),
    };
  }
}

function isBelow(prompt: Uint16Array, limit: number): boolean {
  return prompt.every((value) => value < limit);
}

function paddedTo(audio: Waveform, length: number): Waveform {
  if (audio.length === length) return audio;
  const padded = new Float32Array(length);
  padded.set(audio);
  return waveform(padded);
}
