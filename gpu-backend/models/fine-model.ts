/** The fine stage on ONNX Runtime. */
import type { FineWeights } from '../checkpoint/weights.ts';
import type { FineConfig } from '../checkpoint/config.ts';
import { fineGraph } from '../graph/transformer.ts';
import type { FineModel } from '../pipeline/models.ts';
import { addEmbedding } from './embedding.ts';
import { float32, int64, openSession, type Session, type SessionOptions } from './session.ts';

export async function openFineModel(
  config: FineConfig,
  weights: FineWeights,
  options: SessionOptions,
): Promise<FineModel & { release(): Promise<void> }> {
  const session = await openSession(
    fineGraph(config, weights, config.outputVocabularySize),
    options,
  );
  return forwardOf(session, config, {
    inputEmbeddings: weights.inputEmbeddings,
    positions: weights.positions,
  });
}

/** `weights` is what a forward needs of them, once the session has the rest. */
function forwardOf(
  session: Session,
  config: FineConfig,
  weights: Pick<FineWeights, 'inputEmbeddings' | 'positions'>,
): FineModel & { release(): Promise<void> } {
  const { hiddenSize: h, codesTotal, codesGiven } = config;
  return {
    vocabularySize: config.outputVocabularySize,
    async forward(window, codebook, fromRow, signal) {
      if (codebook < codesGiven || codebook >= codesTotal) {
        throw new RangeError(
          `Codebook ${codebook} is not predicted; ${codesGiven}..${codesTotal - 1} are.`,
        );
      }
      const frames = window.length / codesTotal;
      const hidden = new Float32Array(frames * h);
      for (let t = 0; t < frames; t += 1) {
        const row = hidden.subarray(t * h, (t + 1) * h);
        // the codebook that is being predicted counts too, with whatever stands there
        for (let book = 0; book <= codebook; book += 1) {
          const table = weights.inputEmbeddings[book];
          if (table === undefined)
            throw new RangeError(`There is no embedding for codebook ${book}.`);
          addEmbedding(row, table, window[t * codesTotal + book] ?? -1);
        }
        addEmbedding(row, weights.positions, t);
      }
      const { logits } = await session.run(
        {
          hidden: float32(hidden, [1, frames, h]),
          logit_rows: int64(Array.from({ length: frames - fromRow }, (_, i) => fromRow + i)),
          head: int64([codebook - codesGiven], []),
        },
        signal,
      );
      if (logits === undefined) throw new TypeError('The graph gives no logits.');
      return logits;
    },
    release: () => session.release(),
  };
}
