/**
 * Semantic tokens to the first two codebooks, interleaved, 60 at a time: each window is a fresh
 * prompt of semantic tokens around the place, and what was said just before.
 */
import type { SamplingOptions } from '#shared/bark/options.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import type { CausalModel } from './models.ts';
import { samplingPlan } from './options.ts';
import type { Draw } from './randomness.ts';
import { chooseId } from './sampling.ts';
import { coarseHistoryLengths, startOfLast, semanticStart, type CoarseRates } from './windows.ts';

/** The part of a voice that goes before every coarse window. */
export interface CoarseHistory {
  /** Semantic tokens, at most 209 for Bark. */
  readonly semantic: Int32Array;
  /** Coarse ids with offsets, interleaved; ends with one of codebook 1. */
  readonly coarse: Int32Array;
}

export interface CoarseInput {
  /** Semantic tokens; ends and padding already replaced by the coarse stage's pad. */
  readonly semantic: Int32Array;
  readonly history: CoarseHistory;
  /** How many ids to generate, a whole number of frames. */
  readonly length: number;
  readonly options: SamplingOptions;
  readonly draw: Draw;
}

export function coarseRates({ semantic, coarse }: GenerationConfig): CoarseRates {
  return { ...coarse, semanticRateHz: semantic.semanticRateHz };
}

/** Yields the ids of one window after the other, offsets kept. */
export async function* generateCoarse(
  model: CausalModel,
  config: GenerationConfig,
  input: CoarseInput,
  signal: AbortSignal,
): AsyncGenerator<Int32Array, void, undefined> {
  const { coarse, codebookSize } = config;
  const rates = coarseRates(config);
  const plan = samplingPlan(input.options, coarse);
  const firstId = config.semantic.semanticVocabularySize;
  const semantic = Int32Array.from([...input.history.semantic, ...input.semantic]);
  let said = input.history.coarse;

  for (let done = 0; done < input.length;) {
    const start = semanticStart(done, input.history.semantic.length, rates);
    const slots = new Int32Array(coarse.maxCoarseInputLength).fill(coarse.coarseSemanticPadToken);
    slots.set(semantic.subarray(start, start + coarse.maxCoarseInputLength));
    const count = Math.min(coarse.slidingWindowLength, input.length - done);
    const window = new Int32Array(count);

    const sequence = model.open();
    try {
      let ids = Int32Array.from([
        ...slots,
        coarse.coarseInferToken,
        ...said.subarray(startOfLast(said.length, coarse.maxCoarseHistory)),
      ]);
      for (let g = 0; g < count; g += 1) {
        const scores = await sequence.append([{ ids }], signal);
        // codebooks alternate; the second one's range runs to the end of the vocabulary, as in the reference
        const [from, until] =
          g % 2 === 0
            ? [firstId, firstId + codebookSize]
            : [firstId + codebookSize, model.vocabularySize];
        const step = done + g;
        const id = chooseId(scores, from, until, plan, () => input.draw(step));
        window[g] = id;
        ids = Int32Array.of(id);
      }
    } finally {
      sequence.close();
    }
    said = Int32Array.from([...said, ...window]);
    done += count;
    yield window;
  }
}

/**
 * The history of a voice in the coarse stage's ids. `semantic` [S], `coarse` [2, T] row by row.
 * The last frame is left out, as in the reference.
 */
export function coarseHistory(
  config: GenerationConfig,
  semantic: Uint16Array,
  coarse: Uint16Array,
): CoarseHistory {
  const books = config.coarse.coarseCodebooks;
  const frames = coarse.length / books;
  const flat = new Int32Array(coarse.length);
  for (let t = 0; t < frames; t += 1) {
    for (let book = 0; book < books; book += 1) {
      flat[t * books + book] =
        (coarse[book * frames + t] ?? 0) +
        book * config.codebookSize +
        config.semantic.semanticVocabularySize;
    }
  }
  const lengths = coarseHistoryLengths(semantic.length, flat.length, coarseRates(config));
  const last = flat.subarray(startOfLast(flat.length, lengths.coarse));
  return {
    semantic: Int32Array.from(semantic.subarray(startOfLast(semantic.length, lengths.semantic))),
    coarse: last.subarray(0, Math.max(0, last.length - books)),
  };
}

export const NO_COARSE_HISTORY: CoarseHistory = {
  semantic: new Int32Array(0),
  coarse: new Int32Array(0),
};

/** Interleaved ids with offsets to codes, [2, frames] row by row. */
export function coarseCodesOf(ids: Int32Array, config: GenerationConfig): Int32Array {
  const books = config.coarse.coarseCodebooks;
  const frames = ids.length / books;
  const codes = new Int32Array(ids.length);
  for (let i = 0; i < ids.length; i += 1) {
    // the second codebook may have taken ids beyond its own: the modulo folds them back
    const code = ((ids[i] ?? 0) - config.semantic.semanticVocabularySize) % config.codebookSize;
    codes[(i % books) * frames + Math.floor(i / books)] =
      code < 0 ? code + config.codebookSize : code;
  }
  return codes;
}
