/** The fine model by itself (reference: `BarkFineModel`). */
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import type { FineConfig } from '../checkpoint/config.ts';
import { readFine, type FineWeights } from '../checkpoint/weights.ts';
import { embedFrames, ForwardModel, type FloatTensor } from '../models/forward-model.ts';
import { BarkError } from './bark-error.ts';
import {
  checkedEmbeds,
  checkedIds,
  checkedMask,
  checkedPositions,
  refuseLabels,
  threadsOf,
  type ForwardCall,
  type StageOptions,
} from './forward-call.ts';

/** What goes into a forward of the fine model (reference: sections 5.4 and 8). */
export interface FineForwardOptions extends ForwardCall {
  /** Which codebook is predicted, `codesGiven`..`codesTotal` - 1: 1..7 in the published models. */
  readonly codebookIndex: number;
  /** [B][n][codes] codes, 0..input vocabulary - 1, where the codebook size means "not known"; either these or `inputEmbeds`. */
  readonly inputIds?: readonly (readonly ArrayLike<number>[])[];
}

/** What comes out; what was not asked for is null. */
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
  readonly #model: ForwardModel;
  readonly #config: FineConfig;
  readonly #weights: FineWeights;

  private constructor(model: ForwardModel, config: FineConfig, weights: FineWeights) {
    this.#model = model;
    this.#config = config;
    this.#weights = weights;
  }

  /** Reads this stage of a checkpoint's folder, in fp32; throws CheckpointError naming the file at fault. */
  static async fromPretrained(folder: string, options: StageOptions = {}): Promise<FineModel> {
    const { config, tensors } = await openCheckpoint(folder);
    try {
      const weights = await readFine(tensors, config.fine);
      const setting = { isCausal: false, threads: threadsOf(options) };
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
   * predicted, both or neither of `inputIds` and `inputEmbeds`, labels, codes and shapes that do not fit.
   * Reference: sections 5.4 and 8.
   */
  async forward(options: FineForwardOptions): Promise<FineForward> {
    refuseLabels(options);
    const head = this.#head(options.codebookIndex);
    const embeddings = this.#embeddings(options);
    const [rows = 0, count = 0] = embeddings.shape;
    const { blockSize } = this.#config;
    const { logits, hiddenStates, attentions } = await this.#model.run(
      head,
      {
        embeddings,
        positionIds: checkedPositions(options.positionIds, {
          rows,
          count,
          from: 0,
          limit: blockSize,
        }),
        attentionMask: checkedMask(options.attentionMask, rows, count),
        past: [],
        outputs: {
          cache: false,
          hiddenStates: options.outputHiddenStates ?? false,
          attentions: options.outputAttentions ?? false,
        },
      },
      options.signal ?? new AbortController().signal,
    );
    return { logits, hiddenStates, attentions };
  }

  /** Gives the memory back; the model is spent. */
  async release(): Promise<void> {
    await this.#model.release();
  }

  #head(codebook: number): Float32Array {
    const { codesGiven, codesTotal } = this.#config;
    const head = this.#weights.heads[codebook - codesGiven];
    if (head !== undefined) return head;
    throw new BarkError(
      `codebookIndex is ${codebook}; codebooks ${codesGiven}..${codesTotal - 1} are predicted, those below are given by the coarse model.`,
      codebook >= codesTotal ? 'IndexError' : 'ValueError',
    );
  }

  #embeddings({ inputIds, inputEmbeds, codebookIndex }: FineForwardOptions): FloatTensor {
    const { codesTotal, inputVocabularySize, hiddenSize } = this.#config;
    if (inputEmbeds !== undefined) return checkedEmbeds(inputIds, inputEmbeds, hiddenSize);
    if (inputIds?.some((frames) => frames.some((codes) => codes.length !== codesTotal))) {
      throw new BarkError(`inputIds must be [B][n][${codesTotal}].`, 'ValueError');
    }
    const windows = inputIds?.map((frames) => frames.flatMap((codes) => Array.from(codes)));
    const checked = checkedIds(windows, inputVocabularySize);
    return embedFrames(this.#weights, this.#config, checked, codebookIndex);
  }
}
