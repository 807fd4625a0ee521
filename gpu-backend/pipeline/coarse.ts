/**
 * Semantic tokens to the first two codebooks, interleaved, 60 at a time: each window is a fresh
 * prompt of semantic tokens around the place, and what was said just before.
 */
import type { SamplingOptions } from '#shared/bark/options.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import { Feed } from './feed.ts';
import { referenceWindows, type CoarseWindows } from './latency.ts';
import type { CausalModel, PromptPart, Sequence } from './models.ts';
import { samplingPlan } from './options.ts';
import type { Draw } from './randomness.ts';
import { chooseId } from './sampling.ts';
import {
  coarseHistoryLengths,
  coarseLength,
  coarsePerSemantic,
  coarseRates,
  semanticStart,
  startOfLast,
} from './windows.ts';

/** The part of a voice that goes before every coarse window. */
export interface CoarseHistory {
  /** Semantic tokens, at most 209 for Bark. */
  readonly semantic: Int32Array;
  /** Coarse ids with offsets, interleaved; ends with one of codebook 1. */
  readonly coarse: Int32Array;
}

export interface CoarseInput {
  /**
   * Semantic tokens; ends and padding already replaced by the coarse stage's pad. From a feed a window
   * takes only what it sees, so that it can begin while tokens still come.
   */
  readonly semantic: Int32Array | Feed;
  readonly history: CoarseHistory;
  /** How many ids to generate, a whole number of frames; null as many as the semantic tokens call for. */
  readonly length: number | null;
  readonly options: SamplingOptions;
  readonly draw: Draw;
  /** Other window lengths than the checkpoint's. */
  readonly windows?: CoarseWindows;
}

/** Yields the ids of one window after the other, offsets kept. */
export async function* generateCoarse(
  model: CausalModel,
  config: GenerationConfig,
  input: CoarseInput,
  signal: AbortSignal,
): AsyncGenerator<Int32Array, void, undefined> {
  const { coarse, codebookSize } = config;
  const { firstLength, largestLength, maxHistory, lookaheadTokens } =
    input.windows ?? referenceWindows(config);
  const rates = { ...coarseRates(config), maxCoarseHistory: maxHistory };
  const plan = samplingPlan(input.options, coarse);
  const firstId = config.semantic.semanticVocabularySize;
  const semantic = input.semantic instanceof Feed ? input.semantic : Feed.of(input.semantic);
  const base = input.history.semantic.length;
  const prompt = new WindowPrompt(model, coarse, input.history, maxHistory);

  try {
    let windowLength = firstLength;
    for (let done = 0; ;) {
      const start = semanticStart(done, base, rates);
      const room = start + coarse.maxCoarseInputLength - base;
      const own = Math.ceil((done + windowLength) / coarsePerSemantic(rates));
      const visible = lookaheadTokens === null ? room : Math.min(room, own + lookaheadTokens);
      await semantic.atLeast(visible);
      // enough tokens for a whole window, or all there are
      while (!semantic.isEnded && coarseLength(semantic.length, rates) < done + windowLength) {
        await semantic.atLeast(semantic.length + 1);
      }
      const length = input.length ?? coarseLength(semantic.length, rates);
      const count = Math.min(windowLength, length - done);
      if (count <= 0) return;

      const window = new Int32Array(count);
      let parts = prompt.begin(start, semantic, visible);
      for (let g = 0; g < count; g += 1) {
        const scores = await prompt.sequence.append(parts, signal);
        // codebooks alternate; the second one's range runs to the end of the vocabulary, as in the reference
        const [from, until] =
          g % 2 === 0
            ? [firstId, firstId + codebookSize]
            : [firstId + codebookSize, model.vocabularySize];
        const step = done + g;
        const id = chooseId(scores, from, until, plan, () => input.draw(step));
        window[g] = id;
        parts = [{ ids: Int32Array.of(id) }];
      }
      prompt.said(window);
      done += count;
      windowLength = Math.min(windowLength + firstLength, largestLength);
      yield window;
    }
  } finally {
    prompt.close();
  }
}

/**
 * The prompt of one window after another. A window that sees the same semantic tokens from the same
 * start, and all that was said, has the last window's prompt and output as its own prompt: it goes on
 * in the same cache.
 */
class WindowPrompt {
  readonly #model: CausalModel;
  readonly #config: GenerationConfig['coarse'];
  readonly #semanticHistory: Int32Array;
  readonly #maxHistory: number;
  #said: Int32Array;
  #slots = new Int32Array(0);
  #sequence: Sequence | null = null;

  constructor(
    model: CausalModel,
    config: GenerationConfig['coarse'],
    history: CoarseHistory,
    maxHistory: number,
  ) {
    this.#model = model;
    this.#config = config;
    this.#semanticHistory = history.semantic;
    this.#said = history.coarse;
    this.#maxHistory = maxHistory;
  }

  get sequence(): Sequence {
    if (this.#sequence === null) throw new Error('A window begins before it generates.');
    return this.#sequence;
  }

  /** What the sequence is to be given first; `start` counts from the beginning of the history, `visible` from its end. */
  begin(start: number, semantic: Feed, visible: number): PromptPart[] {
    const {
      maxCoarseInputLength: slotCount,
      coarseSemanticPadToken,
      coarseInferToken,
    } = this.#config;
    const base = this.#semanticHistory.length;
    const slots = new Int32Array(slotCount).fill(coarseSemanticPadToken);
    const ofHistory = this.#semanticHistory.subarray(start, start + slotCount);
    slots.set(ofHistory);
    slots.set(semantic.slice(Math.max(0, start - base), visible), ofHistory.length);
    const last = this.#said.at(-1);
    if (this.#sequence !== null && last !== undefined && this.#goesOn(slots)) {
      return [{ ids: Int32Array.of(last) }];
    }
    this.close();
    this.#slots = slots;
    this.#sequence = this.#model.open();
    const before = this.#said.subarray(startOfLast(this.#said.length, this.#maxHistory));
    return [{ ids: Int32Array.from([...slots, coarseInferToken, ...before]) }];
  }

  said(window: Int32Array): void {
    this.#said = Int32Array.from([...this.#said, ...window]);
  }

  close(): void {
    this.#sequence?.close();
    this.#sequence = null;
  }

  #goesOn(slots: Int32Array): boolean {
    return (
      this.#said.length <= this.#maxHistory &&
      slots.every((token, position) => token === this.#slots[position])
    );
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
