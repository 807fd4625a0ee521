/** The fine stage with fused attention: heads are fed from the tables that they are tied to. */
import type { FineConfig } from '../checkpoint/config.ts';
import type { FineModel } from '../pipeline/models.ts';
import { addEmbedding, type EmbeddingTable } from './embedding.ts';
import { float32, int64, type Session } from './session.ts';
import type { Releasable, Stage } from './stage-keeper.ts';

/** What is in memory while the stage works. */
export interface FineStage extends Releasable {
  readonly session: Session;
  /** One a codebook. */
  readonly tables: readonly EmbeddingTable[];
  /** [block, h] */
  readonly positions: Float32Array;
  /** One a predicted codebook, rows of the vocabulary; often some of `tables`. */
  readonly heads: readonly EmbeddingTable[];
}

export class FusedFineModel implements FineModel {
  readonly vocabularySize: number;
  readonly #config: FineConfig;
  readonly #stage: Stage<FineStage>;

  constructor(config: FineConfig, stage: Stage<FineStage>) {
    this.vocabularySize = config.outputVocabularySize;
    this.#config = config;
    this.#stage = stage;
  }

  async forward(
    window: Int32Array,
    codebook: number,
    fromRow: number,
    signal: AbortSignal,
  ): Promise<Float32Array> {
    const { codesGiven, codesTotal, hiddenSize: h } = this.#config;
    if (codebook < codesGiven || codebook >= codesTotal) {
      throw new RangeError(
        `Codebook ${codebook} is not predicted; ${codesGiven}..${codesTotal - 1} are.`,
      );
    }
    const leave = this.#stage.hold();
    try {
      const stage = await this.#stage.get();
      const head = stage.heads[codebook - codesGiven];
      if (head === undefined) throw new RangeError(`There is no head for codebook ${codebook}.`);
      const { logits } = await stage.session.run(
        {
          hidden: float32(this.#rows(stage, window, codebook), [1, window.length / codesTotal, h]),
          from_row: int64([fromRow]),
          head: float32(head.widened(), [this.vocabularySize, h]),
        },
        signal,
      );
      if (logits === undefined) throw new TypeError('The graph gives no logits.');
      return logits;
    } finally {
      leave();
    }
  }

  /** The sum over codebooks up to the one being predicted, with whatever stands there; [frames, h]. */
  #rows({ tables, positions }: FineStage, window: Int32Array, codebook: number): Float32Array {
    const { codesTotal, hiddenSize: h } = this.#config;
    const frames = window.length / codesTotal;
    const hidden = new Float32Array(frames * h);
    for (let t = 0; t < frames; t += 1) {
      const row = hidden.subarray(t * h, (t + 1) * h);
      for (const [book, table] of tables.slice(0, codebook + 1).entries()) {
        table.addRow(row, window[t * codesTotal + book] ?? -1);
      }
      addEmbedding(row, positions, t);
    }
    return hidden;
  }
}
