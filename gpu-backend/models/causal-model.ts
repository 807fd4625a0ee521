/** The semantic or the coarse stage on ONNX Runtime, its cache in arrays of ours. */
import type { CausalWeights } from '../checkpoint/weights.ts';
import type { TransformerConfig } from '../checkpoint/config.ts';
import { causalGraph } from '../graph/transformer.ts';
import type { CausalModel, PromptPart, Sequence } from '../pipeline/models.ts';
import { addEmbedding } from './embedding.ts';
import { float32, int64, openSession, type Session, type SessionOptions } from './session.ts';

/** Added to the score of a position that may not be seen: the most negative float, as in the reference. */
const HIDDEN_SCORE = -3.4028234663852886e38;
/** Caches grow by this many positions. */
const CACHE_STEP = 256;

export async function openCausalModel(
  name: string,
  config: TransformerConfig,
  weights: CausalWeights,
  options: SessionOptions,
): Promise<CausalModel & { release(): Promise<void> }> {
  const session = await openSession(
    causalGraph(name, config, weights, config.outputVocabularySize),
    options,
  );
  return sequencesOf(session, config, {
    inputEmbedding: weights.inputEmbedding,
    positions: weights.positions,
  });
}

/** What a sequence needs of the weights, once the session has the rest. */
type Tables = Pick<CausalWeights, 'inputEmbedding' | 'positions'>;

function sequencesOf(
  session: Session,
  config: TransformerConfig,
  tables: Tables,
): CausalModel & { release(): Promise<void> } {
  return {
    vocabularySize: config.outputVocabularySize,
    blockSize: config.blockSize,
    open: () => new CachedSequence(session, config, tables),
    release: () => session.release(),
  };
}

class CachedSequence implements Sequence {
  readonly #session: Session;
  readonly #config: TransformerConfig;
  readonly #tables: Tables;
  /** Keys and values of each layer, [capacity, hidden]; the first `#length` rows are filled. */
  readonly #keys: Float32Array[];
  readonly #values: Float32Array[];
  #length = 0;

  constructor(session: Session, config: TransformerConfig, tables: Tables) {
    this.#session = session;
    this.#config = config;
    this.#tables = tables;
    this.#keys = Array.from({ length: config.layers }, () => new Float32Array(0));
    this.#values = Array.from({ length: config.layers }, () => new Float32Array(0));
  }

  async append(parts: readonly PromptPart[], signal: AbortSignal): Promise<Float32Array> {
    const { hiddenSize: h, blockSize, layers } = this.#config;
    const count = parts.reduce((sum, { ids }) => sum + ids.length, 0);
    const past = this.#length;
    if (past + count > blockSize) {
      throw new RangeError(`The model has ${blockSize} positions; ${past + count} are wanted.`);
    }
    const feeds: Record<string, ReturnType<typeof float32>> = {
      hidden: float32(this.#embed(parts, count), [1, count, h]),
      mask: float32(causalMask(count, past), [count, past + count]),
      logit_rows: int64([count - 1]),
    };
    for (let i = 0; i < layers; i += 1) {
      feeds[`past_key_${i}`] = float32(filled(this.#keys[i], past * h), [1, past, h]);
      feeds[`past_value_${i}`] = float32(filled(this.#values[i], past * h), [1, past, h]);
    }
    const outputs = await this.#session.run(feeds, signal);
    for (let i = 0; i < layers; i += 1) {
      this.#keys[i] = appended(
        filled(this.#keys[i], past * h),
        this.#keys[i],
        outputs[`key_${i}`],
        h,
      );
      this.#values[i] = appended(
        filled(this.#values[i], past * h),
        this.#values[i],
        outputs[`value_${i}`],
        h,
      );
    }
    this.#length = past + count;
    const { logits } = outputs;
    if (logits === undefined) throw new TypeError('The graph gives no logits.');
    return logits;
  }

  close(): void {
    this.#keys.length = 0;
    this.#values.length = 0;
  }

  /** Sums of token embeddings plus positions, [count, hidden]. */
  #embed(parts: readonly PromptPart[], count: number): Float32Array {
    const { hiddenSize: h } = this.#config;
    const { inputEmbedding, positions } = this.#tables;
    const hidden = new Float32Array(count * h);
    let at = 0;
    for (const { ids, plus } of parts) {
      for (let i = 0; i < ids.length; i += 1) {
        const row = hidden.subarray(at * h, (at + 1) * h);
        addEmbedding(row, inputEmbedding, ids[i] ?? -1);
        if (plus !== undefined) addEmbedding(row, inputEmbedding, plus[i] ?? -1);
        addEmbedding(row, positions, this.#length + at);
        at += 1;
      }
    }
    return hidden;
  }
}

/** [count, past + count]: a row sees everything before it and itself. */
export function causalMask(count: number, past: number): Float32Array {
  const mask = new Float32Array(count * (past + count));
  for (let row = 0; row < count; row += 1) {
    mask.fill(HIDDEN_SCORE, row * (past + count) + past + row + 1, (row + 1) * (past + count));
  }
  return mask;
}

function filled(cache: Float32Array | undefined, length: number): Float32Array {
  if (cache === undefined) throw new Error('The sequence is closed.');
  return cache.subarray(0, length);
}

/** The cache with the new rows after the old ones, moved to a larger array when it must grow. */
function appended(
  old: Float32Array,
  cache: Float32Array | undefined,
  rows: Float32Array | undefined,
  width: number,
): Float32Array {
  if (cache === undefined || rows === undefined)
    throw new TypeError('The graph gives no new rows of the cache.');
  const length = old.length + rows.length;
  let target = cache;
  if (length > cache.length) {
    const step = CACHE_STEP * width;
    target = new Float32Array(Math.ceil(length / step) * step);
    target.set(old);
  }
  target.set(rows, old.length);
  return target;
}
