/**
 * Two codebooks to eight. Each window predicts codebooks 2..7 one after another, every frame seeing
 * every other; overlapping frames are predicted again and overwritten, as in the reference.
 */
import type { FineOptions } from '#shared/bark/options.ts';
import { fineCodes, type FineCodes } from '#shared/bark/shapes.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import type { FineModel } from './models.ts';
import type { Draw } from './randomness.ts';
import { argmax, chooseId } from './sampling.ts';
import { fineWindows } from './windows.ts';

export interface FineInput {
  /** [2, T] codes row by row. */
  readonly coarse: Int32Array;
  /** [8, H] codes row by row, the voice's fine prompt; null without a voice. */
  readonly history: Uint16Array | null;
  readonly options: FineOptions;
  readonly draw: Draw;
}

/**
 * Yields all codebooks, [8, frames] row by row, of the frames that no later window predicts again:
 * once a window, together the T frames.
 */
export async function* generateFine(
  model: FineModel,
  config: GenerationConfig,
  input: FineInput,
  signal: AbortSignal,
): AsyncGenerator<FineCodes, void, undefined> {
  const books = config.fine.fineCodebooks;
  const given = config.coarse.coarseCodebooks;
  const unknown = config.codebookSize;
  const frames = input.coarse.length / given;
  const temperature =
    input.options.temperature === undefined ? config.fine.temperature : input.options.temperature;

  const storedFrames = input.history === null ? 0 : input.history.length / books;
  const historyFrames = Math.min(config.fine.maxFineHistoryLength, storedFrames);
  const { paddedLength, windows } = fineWindows(frames, historyFrames, config.fine);

  // [padded frames, books] row by row
  const codes = new Int32Array(paddedLength * books).fill(unknown);
  for (let t = 0; t < historyFrames; t += 1) {
    for (let book = 0; book < books; book += 1) {
      codes[t * books + book] =
        input.history?.[book * storedFrames + storedFrames - historyFrames + t] ?? 0;
    }
  }
  for (let t = 0; t < frames; t += 1) {
    for (let book = 0; book < given; book += 1) {
      codes[(historyFrames + t) * books + book] = input.coarse[book * frames + t] ?? 0;
    }
  }

  let step = 0;
  let emitted = 0;
  for (const [n, { start, firstRow }] of windows.entries()) {
    // a view: what one codebook predicts is seen by the next, and by later windows
    const window = codes.subarray(start * books, (start + config.fine.maxFineInputLength) * books);
    const rows = config.fine.maxFineInputLength - firstRow;
    for (let book = given; book < books; book += 1) {
      const scores = await model.forward(window, book, firstRow, signal);
      for (let row = 0; row < rows; row += 1) {
        const ofRow = scores.subarray(
          row * model.vocabularySize,
          row * model.vocabularySize + config.codebookSize,
        );
        const at = step + row;
        window[(firstRow + row) * books + book] = selectCode(ofRow, temperature, () =>
          input.draw(at),
        );
      }
      step += rows;
    }
    const next = windows[n + 1];
    const finalFrames = next === undefined ? frames : next.start + next.firstRow - historyFrames;
    yield framesOf(codes, books, historyFrames + emitted, historyFrames + finalFrames, config);
    emitted = finalFrames;
  }
}

/** Frames from..until - 1 of [frames, books], turned to [books, frames]. */
function framesOf(
  codes: Int32Array,
  books: number,
  from: number,
  until: number,
  config: GenerationConfig,
): FineCodes {
  const frames = until - from;
  const turned = new Int32Array(books * frames);
  for (let t = 0; t < frames; t += 1) {
    for (let book = 0; book < books; book += 1) {
      turned[book * frames + t] = codes[(from + t) * books + book] ?? 0;
    }
  }
  return fineCodes(turned, config.codebookSize);
}

/** Greedy without a temperature or at exactly 1, as in the reference; else one draw from the softmax. */
function selectCode(
  scores: Float32Array,
  temperature: number | null,
  uniform: () => number,
): number {
  if (temperature === null || temperature === 1) return argmax(scores);
  return chooseId(
    scores,
    0,
    scores.length,
    { doSample: true, temperature, topK: null, topP: null },
    uniform,
  );
}
