/**
 * Two codebooks to eight. Codebooks 2..7 of a window are predicted one after another, every frame
 * seeing every other. `generateFine` follows the reference's windows; `generateFineInBlocks` predicts
 * a sentence that is still being made.
 */
import type { FineOptions } from '#shared/bark/options.ts';
import type { FineCodes } from '#shared/bark/shapes.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import { Feed } from './feed.ts';
import { FrameBuffer } from './frame-buffer.ts';
import type { FineBlocks } from './latency.ts';
import type { FineModel } from './models.ts';
import type { Draw } from './randomness.ts';
import { argmax, chooseId } from './sampling.ts';
import { fineWindows } from './windows.ts';

export interface FineInput {
  /** Coarse ids with offsets, interleaved; from a feed a window takes only what it sees. */
  readonly coarse: Int32Array | Feed;
  /** How many frames a feed will bring, for windows before its end; without it the first one waits for the end. */
  readonly totalFrames?: () => Promise<number>;
  /** [8, H] codes row by row, the voice's fine prompt; null without a voice. */
  readonly history: Uint16Array | null;
  readonly options: FineOptions;
  readonly draw: Draw;
}

/**
 * Yields all codebooks, [8, frames] row by row, of the frames that no later window predicts again:
 * together the whole sentence. Overlapping frames are predicted again and overwritten, as in the
 * reference; a window runs as soon as all its frames are there, whatever comes after.
 */
export async function* generateFine(
  model: FineModel,
  config: GenerationConfig,
  input: FineInput,
  signal: AbortSignal,
): AsyncGenerator<FineCodes, void, undefined> {
  const { maxFineInputLength: windowLength, maxFineHistoryLength } = config.fine;
  const coarse = input.coarse instanceof Feed ? input.coarse : Feed.of(input.coarse);
  const books = config.coarse.coarseCodebooks;
  const buffer = new FrameBuffer(config, input.history, maxFineHistoryLength);
  const { historyFrames } = buffer;
  const predict = windowPredictor(model, config, input);

  // one frame more than the first window holds: the sentence then has several, and their places hang on its end
  await coarse.atLeast((windowLength - historyFrames + 1) * books);
  const total =
    coarse.isEnded || input.totalFrames === undefined
      ? await framesInAll(coarse, books)
      : await input.totalFrames();
  if (total === 0) return;
  const { windows, paddedLength } = fineWindows(total, historyFrames, config.fine);
  buffer.pad(paddedLength);

  let drawn = 0;
  let emitted = 0;
  for (const [n, { start, firstRow }] of windows.entries()) {
    await coarse.atLeast(Math.min(total, start + windowLength - historyFrames) * books);
    buffer.add(coarse);
    const base = drawn;
    const rows = windowLength - firstRow;
    await predict(
      buffer.window(start, windowLength),
      firstRow,
      (row, book) => base + book * rows + row,
      signal,
    );
    drawn += rows * (config.fine.fineCodebooks - books);
    const next = windows[n + 1];
    const finalFrames = next === undefined ? total : next.start + next.firstRow - historyFrames;
    yield buffer.codes(emitted, finalFrames);
    emitted = finalFrames;
  }
}

async function framesInAll(coarse: Feed, books: number): Promise<number> {
  await coarse.atLeast(Number.POSITIVE_INFINITY);
  return coarse.length / books;
}

/**
 * Yields [8, frames] block by block. A block sees the frames before it (of the voice, then of the
 * sentence) and a short look-ahead, as if the sentence ended there; the look-ahead is predicted again
 * with the next block, from the same draws. Differs from the reference; see the latency plan.
 */
export async function* generateFineInBlocks(
  model: FineModel,
  config: GenerationConfig,
  input: FineInput,
  blocks: FineBlocks,
  signal: AbortSignal,
): AsyncGenerator<FineCodes, void, undefined> {
  const coarse = input.coarse instanceof Feed ? input.coarse : Feed.of(input.coarse);
  const books = config.coarse.coarseCodebooks;
  const buffer = new FrameBuffer(config, input.history, blocks.historyFrames);
  const predict = windowPredictor(model, config, input);
  const drawStep = drawsOfFirstWindow(config, input.history);

  let wanted = blocks.firstFrames;
  let following = blocks.secondFrames;
  for (let emitted = 0; ;) {
    await coarse.atLeast((emitted + wanted + blocks.lookaheadFrames) * books);
    buffer.add(coarse);
    // what came beyond the look-ahead belongs to this block: a coarse window brings many frames at once
    const until = coarse.isEnded ? buffer.frames : buffer.frames - blocks.lookaheadFrames;
    if (until <= emitted) return;
    const start = Math.max(0, buffer.historyFrames + emitted - blocks.historyFrames);
    const firstRow = buffer.historyFrames + emitted - start;
    const length = buffer.historyFrames + buffer.frames - start;
    const first = emitted;
    await predict(
      buffer.window(start, length),
      firstRow,
      (row, book) => drawStep(first + row, book),
      signal,
    );
    yield buffer.codes(emitted, until);
    emitted = until;
    if (coarse.isEnded) return;
    wanted = following;
    following = Math.min(Math.ceil(following * BLOCK_GROWTH), blocks.largestFrames);
  }
}

/**
 * The draw of a frame in a predicted codebook: that of the reference's schedule while the frame lies in its first
 * window, so that a block differs from it by what it sees alone; after that any other.
 */
function drawsOfFirstWindow(
  { fine, coarse }: GenerationConfig,
  history: Uint16Array | null,
): (frame: number, book: number) => number {
  const stored = (history?.length ?? 0) / fine.fineCodebooks;
  const rows = fine.maxFineInputLength - Math.min(fine.maxFineHistoryLength, stored);
  const predicted = fine.fineCodebooks - coarse.coarseCodebooks;
  return (frame, book) => (frame < rows ? book * rows + frame : frame * predicted + book);
}

/** Faster than 2/3 of real time, a block is there before the one before it has been heard. */
const BLOCK_GROWTH = 1.5;

type PredictWindow = (
  window: Int32Array,
  firstRow: number,
  drawStep: (row: number, book: number) => number,
  signal: AbortSignal,
) => Promise<void>;

/** Predicts rows `firstRow`.. of a window in place: what one codebook predicts is seen by the next, and by later windows. */
function windowPredictor(
  model: FineModel,
  config: GenerationConfig,
  { options, draw }: FineInput,
): PredictWindow {
  const books = config.fine.fineCodebooks;
  const given = config.coarse.coarseCodebooks;
  const temperature =
    options.temperature === undefined ? config.fine.temperature : options.temperature;
  return async (window, firstRow, drawStep, signal) => {
    const rows = window.length / books - firstRow;
    for (let book = given; book < books; book += 1) {
      const scores = await model.forward(window, book, firstRow, signal);
      for (let row = 0; row < rows; row += 1) {
        const from = row * model.vocabularySize;
        const ofRow = scores.subarray(from, from + config.codebookSize);
        window[(firstRow + row) * books + book] = selectCode(ofRow, temperature, () =>
          draw(drawStep(row, book - given)),
        );
      }
    }
  };
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
