/**
 * The three transformers one forward at a time, for whoever wants to look inside: batches, masks, positions,
 * caches by head, hidden states and attentions. Speaking goes another way, which keeps its cache in place.
 */
import type { FineConfig, TransformerConfig } from '../checkpoint/config.ts';
import type { CausalWeights, FineWeights } from '../checkpoint/weights.ts';
import { forwardGraph, type ForwardOutputs, type ForwardWeights } from '../graph/forward.ts';
import { addEmbedding } from './embedding.ts';
import { float32, openSession, type Feeds, type Session } from './session.ts';

/** Numbers with a shape, row by row (reference: section 8). */
export interface FloatTensor {
  /** [product of the sizes], the last dimension's side by side. */
  readonly data: Float32Array;
  /** Sizes of the dimensions, 0 or more. */
  readonly shape: readonly number[];
}

/** Keys and values of one layer, each [B, heads, T, width of a head] (reference: section 8). */
export interface LayerCache {
  /** Keys of all positions so far. */
  readonly key: FloatTensor;
  /** Values of all positions so far. */
  readonly value: FloatTensor;
}

/** What goes into a forward, with everything checked but ids against the vocabulary. */
export interface ForwardRun {
  /** [B, n, h] embeddings without positions. */
  readonly embeddings: FloatTensor;
  /** [B or 1][n]. */
  readonly positionIds: readonly ArrayLike<number>[];
  /** [B][T + n], 0 where a position may not be seen; null lets all be seen. */
  readonly attentionMask: readonly ArrayLike<number>[] | null;
  /** One a layer; empty before the first forward. */
  readonly past: readonly LayerCache[];
  readonly outputs: ForwardOutputs;
}

export interface ForwardResult {
  /** [B, n, V]. */
  readonly logits: FloatTensor;
  readonly cache: readonly LayerCache[] | null;
  /** layers + 1 of [B, n, h]. */
  readonly hiddenStates: readonly FloatTensor[] | null;
  /** layers of [B, heads, n, T + n]. */
  readonly attentions: readonly FloatTensor[] | null;
}

/** Added to the score of a position that may not be seen: the most negative float, as in the reference. */
const HIDDEN_SCORE = -3.4028234663852886e38;

/** A stage's forward; graphs are made when an output is first wanted, and kept. */
export class ForwardModel {
  readonly config: TransformerConfig;
  readonly #name: string;
  readonly #isCausal: boolean;
  readonly #weights: ForwardWeights & { readonly positions: Float32Array };
  readonly #threads: number;
  readonly #sessions = new Map<string, Promise<Session>>();
  #isReleased = false;

  constructor(
    name: string,
    config: TransformerConfig,
    weights: CausalWeights | FineWeights,
    { isCausal, threads }: { readonly isCausal: boolean; readonly threads: number },
  ) {
    this.#name = name;
    this.config = config;
    this.#weights = weights;
    this.#isCausal = isCausal;
    this.#threads = threads;
  }

  /** `head` is [V, h]. Throws RangeError for a position outside the table. */
  async run(head: Float32Array, run: ForwardRun, signal: AbortSignal): Promise<ForwardResult> {
    const { layers, heads, hiddenSize: h, outputVocabularySize } = this.config;
    const [rows = 0, count = 0] = run.embeddings.shape;
    const pastLength = run.past[0]?.key.shape[2] ?? 0;
    const total = pastLength + count;
    const width = h / heads;
    const feeds: Record<string, Feeds[string]> = {
      hidden: float32(this.#withPositions(run), [rows, count, h]),
      mask: scoreMask(run.attentionMask, { rows, count, pastLength, isCausal: this.#isCausal }),
      head: float32(head, [outputVocabularySize, h]),
    };
    if (this.#isCausal) {
      const empty = { data: new Float32Array(0), shape: [rows, heads, 0, width] };
      for (let i = 0; i < layers; i += 1) {
        const { key, value } = run.past[i] ?? { key: empty, value: empty };
        feeds[`past_key_${i}`] = float32(key.data, key.shape);
        feeds[`past_value_${i}`] = float32(value.data, value.shape);
      }
    }
    const session = await this.#session(run.outputs);
    const answer = await session.run(feeds, signal);
    const tensor = (name: string, shape: readonly number[]): FloatTensor => {
      const data = answer[name];
      if (data === undefined) throw new TypeError(`The graph gives no ${name}.`);
      return { data, shape };
    };
    const perLayer = <Item>(
      isWanted: boolean,
      make: (i: number) => Item,
      more = 0,
    ): Item[] | null =>
      isWanted ? Array.from({ length: layers + more }, (_, i) => make(i)) : null;
    const cacheShape = [rows, heads, total, width];
    return {
      logits: tensor('logits', [rows, count, outputVocabularySize]),
      cache: perLayer(run.outputs.cache, (i) => ({
        key: tensor(`key_${i}`, cacheShape),
        value: tensor(`value_${i}`, cacheShape),
      })),
      hiddenStates: perLayer(
        run.outputs.hiddenStates,
        (i) => tensor(`hidden_${i}`, [rows, count, h]),
        1,
      ),
      attentions: perLayer(run.outputs.attentions, (i) =>
        tensor(`attention_${i}`, [rows, heads, count, total]),
      ),
    };
  }

  /** Gives the memory back; the model is spent. */
  async release(): Promise<void> {
    this.#isReleased = true;
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }

  #session(outputs: ForwardOutputs): Promise<Session> {
    if (this.#isReleased) throw new Error('The model has been released.');
    const key = JSON.stringify([outputs.cache, outputs.hiddenStates, outputs.attentions]);
    const open = this.#sessions.get(key);
    if (open !== undefined) return open;
    const graph = forwardGraph(this.#name, this.config, this.#weights, {
      isCausal: this.#isCausal,
      outputs,
    });
    const opened = openSession(graph, { threads: this.#threads });
    this.#sessions.set(key, opened);
    return opened;
  }

  #withPositions({ embeddings, positionIds }: ForwardRun): Float32Array {
    const { hiddenSize: h } = this.config;
    const [rows = 0, count = 0] = embeddings.shape;
    const hidden = Float32Array.from(embeddings.data);
    for (let row = 0; row < rows; row += 1) {
      const positions = positionIds[positionIds.length === 1 ? 0 : row];
      for (let i = 0; i < count; i += 1) {
        const at = (row * count + i) * h;
        addEmbedding(hidden.subarray(at, at + h), this.#weights.positions, positions?.[i] ?? -1);
      }
    }
    return hidden;
  }
}

/** [B or 1, 1, n or 1, T + n]: causality, and what the caller hides, both as the reference adds them up. */
function scoreMask(
  attentionMask: readonly ArrayLike<number>[] | null,
  sizes: {
    readonly rows: number;
    readonly count: number;
    readonly pastLength: number;
    readonly isCausal: boolean;
  },
): Feeds[string] {
  const { count, pastLength, isCausal } = sizes;
  const total = pastLength + count;
  const rows = attentionMask === null ? 1 : sizes.rows;
  const queries = isCausal ? count : 1;
  const mask = new Float32Array(rows * queries * total);
  for (let row = 0; row < rows; row += 1) {
    for (let query = 0; query < queries; query += 1) {
      const from = (row * queries + query) * total;
      const seen = isCausal ? pastLength + query + 1 : total;
      mask.fill(HIDDEN_SCORE, from + seen, from + total);
      for (let key = 0; key < total; key += 1) {
        const isHidden = attentionMask !== null && attentionMask[row]?.[key] !== 1;
        // hidden twice is minus infinity, so that a row that may see nothing looks where the reference does
        if (isHidden) mask[from + key] = (mask[from + key] ?? 0) + HIDDEN_SCORE;
      }
    }
  }
  return float32(mask, [rows, 1, queries, total]);
}

/** [B, n, h] from [B][n] ids; throws RangeError for an id outside the vocabulary. */
export function embedIds(
  table: Float32Array,
  ids: readonly ArrayLike<number>[],
  width: number,
): FloatTensor {
  const count = ids[0]?.length ?? 0;
  const data = new Float32Array(ids.length * count * width);
  ids.forEach((row, index) => {
    for (let i = 0; i < count; i += 1) {
      const at = (index * count + i) * width;
      addEmbedding(data.subarray(at, at + width), table, row[i] ?? -1);
    }
  });
  return { data, shape: [ids.length, count, width] };
}

/**
 * [B, n, h] from B windows of [n, codes] row by row: each frame is the sum of its codebooks 0..`codebook`, the
 * one to be predicted included.
 */
export function embedFrames(
  { inputEmbeddings }: FineWeights,
  { codesTotal, hiddenSize: h }: FineConfig,
  windows: readonly ArrayLike<number>[],
  codebook: number,
): FloatTensor {
  const count = (windows[0]?.length ?? 0) / codesTotal;
  const data = new Float32Array(windows.length * count * h);
  windows.forEach((window, row) => {
    for (let t = 0; t < count; t += 1) {
      const at = (row * count + t) * h;
      for (const [book, table] of inputEmbeddings.slice(0, codebook + 1).entries()) {
        addEmbedding(data.subarray(at, at + h), table, window[t * codesTotal + book] ?? -1);
      }
    }
  });
  return { data, shape: [windows.length, count, h] };
}
