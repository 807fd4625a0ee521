/** The semantic or the coarse stage on a device with memory of its own, where the cache stays from step to step. */
import type { TransformerConfig } from '../checkpoint/config.ts';
import type { CausalWeights } from '../checkpoint/weights.ts';
import { causalGraph } from '../graph/transformer.ts';
import type { CausalModel, PromptPart, Sequence } from '../pipeline/models.ts';
import { causalMask } from './causal-model.ts';
import { embeddingTable } from './embedding.ts';
import { countPositions, promptRows, type CausalTables } from './prompt-rows.ts';
import type { Provider } from './providers/provider.ts';
import { float32, int64, type KeepingSession, type KeptTensor } from './session.ts';

/** Opens a graph and keeps some of its outputs on the device. */
export type OpenKeeping = NonNullable<Provider['openKeeping']>;

export async function openResidentCausalModel(
  name: string,
  config: TransformerConfig,
  weights: CausalWeights,
  { threads, openKeeping }: { readonly threads: number; readonly openKeeping: OpenKeeping },
): Promise<CausalModel & { release(): Promise<void> }> {
  const session = await openKeeping(
    causalGraph(name, config, weights, config.outputVocabularySize, 'whole'),
    { threads, kept: cacheNames(config.layers) },
  );
  return sequencesOf(session, config, {
    tokens: embeddingTable(weights.inputEmbedding, config.hiddenSize, 'full'),
    positions: weights.positions,
  });
}

/** Apart from the above, so that sequences keep the tables alone and not all weights. */
function sequencesOf(
  session: KeepingSession,
  config: TransformerConfig,
  tables: CausalTables,
): CausalModel & { release(): Promise<void> } {
  return {
    vocabularySize: config.outputVocabularySize,
    blockSize: config.blockSize,
    open: () => new ResidentSequence(session, config, tables),
    release: () => session.release(),
  };
}

class ResidentSequence implements Sequence {
  readonly #session: KeepingSession;
  readonly #config: TransformerConfig;
  readonly #tables: CausalTables;
  /** By name, [1, length, h] each; none before the first position. */
  #cache: Readonly<Record<string, KeptTensor>> = {};
  #length = 0;
  #isClosed = false;
  #isRunning = false;

  constructor(session: KeepingSession, config: TransformerConfig, tables: CausalTables) {
    this.#session = session;
    this.#config = config;
    this.#tables = tables;
  }

  async append(parts: readonly PromptPart[], signal: AbortSignal): Promise<Float32Array> {
    if (this.#isClosed) throw new Error('The sequence is closed.');
    if (this.#isRunning) throw new Error('The sequence is being appended to already.');
    this.#isRunning = true;
    try {
      return await this.#append(parts, signal);
    } finally {
      this.#isRunning = false;
      if (this.#isClosed) this.#forget();
    }
  }

  close(): void {
    this.#isClosed = true;
    // the device may not have read the cache yet
    if (!this.#isRunning) this.#forget();
  }

  async #append(parts: readonly PromptPart[], signal: AbortSignal): Promise<Float32Array> {
    const { hiddenSize: h, blockSize, layers } = this.#config;
    const count = countPositions(parts);
    const past = this.#length;
    if (past + count > blockSize) {
      throw new RangeError(`The model has ${blockSize} positions; ${past + count} are wanted.`);
    }
    const nothing = float32(new Float32Array(0), [1, 0, h]);
    const { arrays, kept } = await this.#session.run(
      {
        hidden: float32(promptRows(this.#tables, parts, past, h), [1, count, h]),
        mask: float32(causalMask(count, past), [count, past + count]),
        logit_rows: int64([count - 1]),
        ...Object.fromEntries(
          cacheNames(layers).map((name) => [`past_${name}`, this.#cache[name] ?? nothing]),
        ),
      },
      signal,
    );
    releaseAll(this.#cache);
    this.#cache = kept;
    this.#length = past + count;
    if (this.#isClosed) throw new Error('The sequence is closed.');
    const { logits } = arrays;
    if (logits === undefined) throw new TypeError('The graph gives no logits.');
    return logits;
  }

  #forget(): void {
    releaseAll(this.#cache);
    this.#cache = {};
  }
}

function cacheNames(layers: number): string[] {
  return Array.from({ length: layers }, (_, i) => [`key_${i}`, `value_${i}`]).flat();
}

function releaseAll(tensors: Readonly<Record<string, KeptTensor>>): void {
  for (const tensor of Object.values(tensors)) tensor.release();
}
