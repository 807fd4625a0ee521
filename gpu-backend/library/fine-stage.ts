/** The fine model by itself (reference: `BarkFineModel`). */
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import type { FineConfig } from '../checkpoint/config.ts';
import { readFine, type FineWeights } from '../checkpoint/weights.ts';
import { embedFrames, ForwardModel, type FloatTensor } from '../models/forward-model.ts';
import { described, integersOf, itemsOf, signalOf } from './arguments.ts';
import { BarkError } from './bark-error.ts';
import {
  checkedEmbeds,
  checkedIds,
  checkedMask,
  checkedPositions,
  givenRows,
  LENGTH_MAX,
  readCall,
  threadsOf,
  type ForwardCall,
  type StageOptions,
} from './forward-call.ts';
import { Lifetime } from './lifetime.ts';
import { modelFolder } from './model-folder.ts';

const NO_CACHE = 'every frame sees every other here, so that there is no cache; leave it out';

/** What goes into a forward of the fine model (reference: sections 5.4 and 8). */
export interface FineForwardOptions extends ForwardCall {
  /** Which codebook is predicted, `codesGiven`..`codesTotal` - 1: 1..7 in the published models. */
  readonly codebookIndex: number;
  /** [B][n][codes] codes, 0..input vocabulary - 1, where the codebook size means "not known"; either these or `inputEmbeds`. */
  readonly inputIds?: readonly (readonly ArrayLike<number>[])[] | null;
}

/** What comes out; what was not asked for is null (reference: section 8). */
export interface FineForward {
  /** [B, n, V] scores of the codebook's code at each frame; those from the codebook size on mean nothing. */
  readonly logits: FloatTensor;
  /** layers + 1 of [B, n, h]: the sum of embeddings and positions, then after each layer, the last one after the last norm. */
  readonly hiddenStates: readonly FloatTensor[] | null;
  /** layers of [B, heads, n, n], rows summing to 1. */
  readonly attentions: readonly FloatTensor[] | null;
}

/**
 * Two codebooks to eight (reference: section 5). Every frame sees every other; there is no cache. The embedding
 * of a frame is the sum over codebooks 0..`codebookIndex`, that codebook's own present code included.
 */
export class FineModel {
  readonly #life = new Lifetime();
  readonly #model: ForwardModel;
  readonly #config: FineConfig;
  readonly #weights: FineWeights;

  private constructor(model: ForwardModel, config: FineConfig, weights: FineWeights) {
    this.#model = model;
    this.#config = config;
    this.#weights = weights;
  }

  /** Reads this stage of a checkpoint's folder, in fp32; throws BarkError for options, CheckpointError naming the file at fault. */
  static async fromPretrained(folder: string, options: StageOptions = {}): Promise<FineModel> {
    const threads = threadsOf(options);
    const { config, tensors } = await openCheckpoint(await modelFolder(folder));
    try {
      const weights = await readFine(tensors, config.fine);
      const setting = { isCausal: false, threads };
      const model = new ForwardModel('fine_acoustics', config.fine, weights, setting);
      return new FineModel(model, config.fine, weights);
    } finally {
      await tensors.close();
    }
  }

  /** Sizes of the model. */
  get config(): FineConfig {
    return this.#config;
  }

  /**
   * One forward over B windows of n frames for one codebook. Throws BarkError for a codebook that is not
   * predicted, both or neither of `inputIds` and `inputEmbeds`, codes and shapes that do not fit, and options that are not offered, such as `labels` and `pastKeyValues`.
   * Reference: sections 5.4 and 8.
   */
  async forward(options: FineForwardOptions): Promise<FineForward> {
    this.#life.assertAlive();
    const call = readCall(options, ['codebookIndex'], {
      pastKeyValues: NO_CACHE,
      useCache: NO_CACHE,
    });
    const head = this.#head(call.codebookIndex);
    const embeddings = this.#embeddings(call);
    const [rows = 0, count = 0] = embeddings.shape;
    const run = {
      embeddings,
      positionIds: checkedPositions(call.positionIds, {
        rows,
        count,
        from: 0,
        limit: this.#config.blockSize,
      }),
      attentionMask: checkedMask(call.attentionMask, rows, count),
      past: [],
      outputs: {
        cache: false,
        hiddenStates: call.outputHiddenStates ?? false,
        attentions: call.outputAttentions ?? false,
      },
    };
    const { logits, hiddenStates, attentions } = await this.#life.run(
      signalOf(call.signal),
      (signal) => this.#model.run(head, run, signal),
    );
    return { logits, hiddenStates, attentions };
  }

  /** Gives the memory back; what is called afterwards throws BarkError. A second call does nothing. */
  async release(): Promise<void> {
    await this.#life.release(() => this.#model.release());
  }

  #head(codebook: number): Float32Array {
    const { codesGiven, codesTotal } = this.#config;
    const head = Number.isInteger(codebook)
      ? this.#weights.heads[codebook - codesGiven]
      : undefined;
    if (head !== undefined) return head;
    throw new BarkError(
      `codebookIndex is ${described(codebook)}; codebooks ${codesGiven}..${codesTotal - 1} are predicted, those below are given by the coarse model.`,
      typeof codebook === 'number' && codebook >= codesTotal ? 'IndexError' : 'ValueError',
    );
  }

  #embeddings({ inputIds, inputEmbeds, codebookIndex }: FineForwardOptions): FloatTensor {
    const { codesTotal, inputVocabularySize, hiddenSize } = this.#config;
    if (inputEmbeds !== undefined && inputEmbeds !== null) {
      return checkedEmbeds(inputIds, inputEmbeds, hiddenSize);
    }
    const shape = `[B][n][${codesTotal}]`;
    const windows = givenRows(inputIds, shape).map((window, row) =>
      itemsOf(`inputIds[${row}]`, window, {
        shape: `[n][${codesTotal}]`,
        most: LENGTH_MAX,
      }).flatMap((frame, at) => this.#codesOf(`inputIds[${row}][${at}]`, frame)),
    );
    const checked = checkedIds(windows, inputVocabularySize);
    return embedFrames(this.#weights, this.#config, checked, codebookIndex);
  }

  #codesOf(name: string, frame: unknown): readonly number[] {
    const { codesTotal, inputVocabularySize } = this.#config;
    const codes = integersOf(name, frame, {
      min: 0,
      max: inputVocabularySize - 1,
      most: LENGTH_MAX,
    });
    if (codes.length === codesTotal) return [...codes];
    throw new BarkError(
      `inputIds must be [B][n][${codesTotal}]; ${name} has ${codes.length} codes.`,
      'ValueError',
    );
  }
}
