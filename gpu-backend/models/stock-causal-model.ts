/**
 * The semantic or the coarse stage on the JavaScript binding, whose outputs are always copied: the cache
 * stays in arrays of ours, which the graph only reads, and just the new rows come back.
 */
import type { TransformerConfig } from '../checkpoint/config.ts';
import type { CausalModel, PromptPart, Sequence } from '../pipeline/models.ts';
import { countPositions, promptRows, type CausalTables } from './prompt-rows.ts';
import { float32, int32, type Session } from './session.ts';
import type { Releasable, Stage } from './stage-keeper.ts';

/** What is in memory while the stage works. */
export interface StockCausalStage extends Releasable {
  readonly tables: CausalTables;
  /** Reads the first positions of a sequence. */
  readonly prompt: Session;
  /** Reads one position more. */
  readonly step: Session;
}

/** Added to the scores of cache rows that are not filled: the most negative float. */
const HIDDEN_SCORE = -3.4028234663852886e38;
/** Caches grow by this many positions. */
const CACHE_STEP = 128;

export class StockCausalModel implements CausalModel {
  readonly vocabularySize: number;
  readonly blockSize: number;
  readonly #config: TransformerConfig;
  readonly #stage: Stage<StockCausalStage>;

  constructor(config: TransformerConfig, stage: Stage<StockCausalStage>) {
    this.vocabularySize = config.outputVocabularySize;
    this.blockSize = config.blockSize;
    this.#config = config;
    this.#stage = stage;
  }

  open(): Sequence {
    return new StockSequence(this.#config, this.#stage);
  }
}

class StockSequence implements Sequence {
  readonly #config: TransformerConfig;
  readonly #stage: Stage<StockCausalStage>;
  /** Each layer's keys, then its values: [heads, capacity, width]. */
  #caches: Float32Array[] = [];
  #capacity = 0;
  #length = 0;
  #leave: (() => void) | null = null;
  #isClosed = false;

  constructor(config: TransformerConfig, stage: Stage<StockCausalStage>) {
    this.#config = config;
    this.#stage = stage;
  }

  async append(parts: readonly PromptPart[], signal: AbortSignal): Promise<Float32Array> {
    signal.throwIfAborted();
    if (this.#isClosed) throw new Error('The sequence is closed.');
    const { hiddenSize: h, blockSize } = this.#config;
    const count = countPositions(parts);
    if (this.#length + count > blockSize) {
      throw new RangeError(
        `The model has ${blockSize} positions; ${this.#length + count} are wanted.`,
      );
    }
    if (count === 0) throw new RangeError('There is no position to append.');
    this.#leave ??= this.#stage.hold();
    const stage = await this.#stage.get();
    const hidden = promptRows(stage.tables, parts, this.#length, h);
    if (this.#length === 0) return await this.#readPrompt(stage, hidden, count, signal);
    let scores: Float32Array = new Float32Array(0);
    for (let i = 0; i < count; i += 1) {
      scores = await this.#readOne(stage, hidden.subarray(i * h, (i + 1) * h), signal);
    }
    return scores;
  }

  close(): void {
    this.#isClosed = true;
    this.#caches = [];
    this.#leave?.();
    this.#leave = null;
  }

  async #readPrompt(
    { prompt }: StockCausalStage,
    hidden: Float32Array,
    count: number,
    signal: AbortSignal,
  ): Promise<Float32Array> {
    const outputs = await prompt.run(
      {
        hidden: float32(hidden, [1, count, this.#config.hiddenSize]),
        last: int32([count - 1]),
        total: int32([count], []),
      },
      signal,
    );
    return this.#keep(outputs, count);
  }

  async #readOne(
    { step }: StockCausalStage,
    hidden: Float32Array,
    signal: AbortSignal,
  ): Promise<Float32Array> {
    const { hiddenSize, heads, layers } = this.#config;
    const capacity = this.#capacity;
    const shape = [1, heads, capacity, hiddenSize / heads];
    const mask = new Float32Array(capacity).fill(HIDDEN_SCORE, this.#length);
    const feeds: Record<string, ReturnType<typeof float32>> = {
      hidden: float32(hidden, [1, 1, hiddenSize]),
      mask: float32(mask, [capacity]),
    };
    for (let i = 0; i < layers; i += 1) {
      feeds[`past_key_${i}`] = float32(this.#cache(2 * i), shape);
      feeds[`past_value_${i}`] = float32(this.#cache(2 * i + 1), shape);
    }
    return this.#keep(await step.run(feeds, signal), 1);
  }

  /** Puts the new rows behind the old ones; answers the scores. */
  #keep(outputs: Readonly<Record<string, Float32Array>>, count: number): Float32Array {
    const { layers, heads, hiddenSize } = this.#config;
    const width = hiddenSize / heads;
    this.#grow(this.#length + count);
    for (let i = 0; i < layers; i += 1) {
      for (const [offset, kind] of ['key', 'value'].entries()) {
        const rows = outputs[`${kind}_${i}`];
        if (rows === undefined) throw new TypeError('The graph gives no new rows of the cache.');
        const cache = this.#cache(2 * i + offset);
        for (let head = 0; head < heads; head += 1) {
          cache.set(
            rows.subarray(head * count * width, (head + 1) * count * width),
            (head * this.#capacity + this.#length) * width,
          );
        }
      }
    }
    this.#length += count;
    const { logits } = outputs;
    if (logits === undefined) throw new TypeError('The graph gives no logits.');
    return logits;
  }

  /** Makes room for `length` positions. */
  #grow(length: number): void {
    if (length <= this.#capacity) return;
    const { layers, heads, hiddenSize, blockSize } = this.#config;
    const width = hiddenSize / heads;
    const capacity = Math.min(blockSize, Math.ceil(length / CACHE_STEP) * CACHE_STEP);
    this.#caches = Array.from({ length: 2 * layers }, (_, i) => {
      const grown = new Float32Array(heads * capacity * width);
      const old = this.#caches[i] ?? new Float32Array(0);
      for (let head = 0; head < heads; head += 1) {
        const from = head * this.#capacity * width;
        grown.set(old.subarray(from, from + this.#length * width), head * capacity * width);
      }
      return grown;
    });
    this.#capacity = capacity;
  }

  #cache(index: number): Float32Array {
    const cache = this.#caches[index];
    if (cache === undefined) throw new Error('The sequence is closed.');
    return cache;
  }
}
