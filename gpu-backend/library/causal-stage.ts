/** The semantic and the coarse model by themselves (reference: `BarkCausalModel`). */
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import type { TransformerConfig } from '../checkpoint/config.ts';
import { readTransformer, type CausalWeights } from '../checkpoint/weights.ts';
import {
  embedIds,
  ForwardModel,
  type FloatTensor,
  type LayerCache,
} from '../models/forward-model.ts';
import { described, reading, signalOf } from './arguments.ts';
import { BarkError } from './bark-error.ts';
import {
  checkedEmbeds,
  checkedIds,
  checkedMask,
  checkedPositions,
  readCall,
  tensorOf,
  threadsOf,
  type ForwardCall,
  type StageOptions,
} from './forward-call.ts';
import { Lifetime } from './lifetime.ts';
import { modelFolder } from './model-folder.ts';

/** What goes into a forward of the semantic or the coarse model (reference: section 8). */
export interface CausalForwardOptions extends ForwardCall {
  /** [B][n] ids of the model's input vocabulary; either these or `inputEmbeds`. */
  readonly inputIds?: readonly ArrayLike<number>[] | null;
  /** What an earlier forward answered: its T positions come before those of this one. */
  readonly pastKeyValues?: readonly LayerCache[] | null;
  /** Whether to answer `pastKeyValues`; true unless told. */
  readonly useCache?: boolean | undefined;
}

/** What comes out; what was not asked for is null (reference: section 8). */
export interface CausalForward {
  /** [B, n, V] scores of the id after each position. */
  readonly logits: FloatTensor;
  /** One a layer, keys and values each [B, heads, T + n, h / heads]; to be handed to the next forward. */
  readonly pastKeyValues: readonly LayerCache[] | null;
  /** layers + 1 of [B, n, h]: the sum of embeddings and positions, then after each layer, the last one after the last norm. */
  readonly hiddenStates: readonly FloatTensor[] | null;
  /** layers of [B, heads, n, T + n]: how much each position looks at each, rows summing to 1. */
  readonly attentions: readonly FloatTensor[] | null;
}

/** A causal stage: one forward at a time, with everything that can be looked at. */
abstract class CausalStage {
  readonly #life = new Lifetime();
  readonly #model: ForwardModel;
  readonly #weights: CausalWeights;

  /** @hidden From weights that have been read; `fromPretrained` reads them. */
  protected constructor(model: ForwardModel, weights: CausalWeights) {
    this.#model = model;
    this.#weights = weights;
  }

  /** Sizes of the model. */
  get config(): TransformerConfig {
    return this.#model.config;
  }

  /**
   * One forward over B rows of n positions, 1 to 1 024 rows, after T earlier ones; a position sees itself and those before
   * it. Throws BarkError for both or neither of `inputIds` and `inputEmbeds`, for ids, positions and shapes that do not
   * fit, and for options that are not offered, such as `labels` and `headMask`. Reference: section 8.
   */
  async forward(options: CausalForwardOptions): Promise<CausalForward> {
    this.#life.assertAlive();
    const { config } = this;
    const call = readCall(options, ['pastKeyValues', 'useCache']);
    const embeddings = this.#embeddings(call);
    const [rows = 0, count = 0] = embeddings.shape;
    const past = checkedPast(call.pastKeyValues ?? [], config, rows);
    const pastLength = past[0]?.key.shape[2] ?? 0;
    const run = {
      embeddings,
      positionIds: checkedPositions(call.positionIds, {
        rows,
        count,
        from: pastLength,
        limit: config.blockSize,
      }),
      attentionMask: checkedMask(call.attentionMask, rows, pastLength + count),
      past,
      outputs: {
        cache: call.useCache ?? true,
        hiddenStates: call.outputHiddenStates ?? false,
        attentions: call.outputAttentions ?? false,
      },
    };
    const { logits, cache, hiddenStates, attentions } = await this.#life.run(
      signalOf(call.signal),
      (signal) => this.#model.run(this.#weights.head, run, signal),
    );
    return { logits, pastKeyValues: cache, hiddenStates, attentions };
  }

  /** Gives the memory back; what is called afterwards throws BarkError. A second call does nothing. */
  async release(): Promise<void> {
    await this.#life.release(() => this.#model.release());
  }

  #embeddings({ inputIds, inputEmbeds }: CausalForwardOptions): FloatTensor {
    const { inputVocabularySize, hiddenSize } = this.config;
    if (inputEmbeds !== undefined && inputEmbeds !== null) {
      return checkedEmbeds(inputIds, inputEmbeds, hiddenSize);
    }
    const ids = checkedIds(inputIds, inputVocabularySize);
    return embedIds(this.#weights.inputEmbedding, ids, hiddenSize);
  }
}

/**
 * Text and voice to semantic tokens (reference: section 3.0 and 8). Ids in 0..129 599, scores of 10 048 in
 * the published models.
 */
export class SemanticModel extends CausalStage {
  /** Reads this stage of a checkpoint's folder, in fp32; throws BarkError for options, CheckpointError naming the file at fault. */
  static async fromPretrained(folder: string, options: StageOptions = {}): Promise<SemanticModel> {
    return await withStage(
      folder,
      'semantic',
      options,
      (model, weights) => new SemanticModel(model, weights),
    );
  }
}

/**
 * Semantic tokens to the first two codebooks (reference: section 4 and 8). Ids and scores in 0..12 095 in the
 * published models.
 */
export class CoarseModel extends CausalStage {
  /** Reads this stage of a checkpoint's folder, in fp32; throws BarkError for options, CheckpointError naming the file at fault. */
  static async fromPretrained(folder: string, options: StageOptions = {}): Promise<CoarseModel> {
    return await withStage(
      folder,
      'coarse',
      options,
      (model, weights) => new CoarseModel(model, weights),
    );
  }
}

async function withStage<Model>(
  folder: string,
  stage: 'semantic' | 'coarse',
  options: StageOptions,
  make: (model: ForwardModel, weights: CausalWeights) => Model,
): Promise<Model> {
  const threads = threadsOf(options);
  const { config, tensors } = await openCheckpoint(await modelFolder(folder));
  try {
    const name = stage === 'semantic' ? 'semantic' : 'coarse_acoustics';
    const weights = await readTransformer(tensors, name, config[stage]);
    const setting = { isCausal: true, threads };
    return make(new ForwardModel(name, config[stage], weights, setting), weights);
  } finally {
    await tensors.close();
  }
}

/** More than any model has. */
const LAYERS_MAX = 1_024;

function checkedPast(
  given: readonly LayerCache[],
  { layers, heads, hiddenSize }: TransformerConfig,
  rows: number,
): readonly LayerCache[] {
  if (!Array.isArray(given)) {
    throw new BarkError(
      `pastKeyValues must be what an earlier forward answered; it is ${described(given)}.`,
      'TypeError',
    );
  }
  const past = reading('pastKeyValues', () => Array.from(given.slice(0, LAYERS_MAX), cacheOf));
  if (past.length === 0) return past;
  const length = past[0]?.key.shape[2] ?? 0;
  const shape = [rows, heads, length, hiddenSize / heads];
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const fits = ({ data, shape: own }: FloatTensor): boolean =>
    data.length === size && own.length === 4 && own.every((one, i) => one === shape[i]);
  if (past.length !== layers || !past.every(({ key, value }) => fits(key) && fits(value))) {
    throw new BarkError(
      `pastKeyValues must be ${layers} pairs of [${shape.join(', ')}], as an earlier forward of as many rows answered them.`,
      'ValueError',
    );
  }
  return past;
}

function cacheOf(layer: LayerCache | undefined, index: number): LayerCache {
  const name = `pastKeyValues[${index}]`;
  return {
    key: tensorOf(`${name}.key`, layer?.key),
    value: tensorOf(`${name}.value`, layer?.value),
  };
}
