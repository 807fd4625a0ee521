/** All window arithmetic of Bark's stages, pure; lengths and rates come from the checkpoint's generation config. */
import type { GenerationConfig } from '../checkpoint/generation-config.ts';

/** Round half to even, as Python does; Math.round would differ at .5. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const fraction = x - floor;
  if (fraction < 0.5) return floor;
  if (fraction > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Where Python's `x[-n:]` begins: the last n entries, but everything when n is 0. */
export function startOfLast(length: number, n: number): number {
  return n === 0 ? 0 : Math.max(0, length - n);
}

export interface CoarseRates {
  readonly semanticRateHz: number;
  readonly coarseRateHz: number;
  readonly coarseCodebooks: number;
  readonly maxCoarseHistory: number;
  readonly slidingWindowLength: number;
}

export function coarseRates({ semantic, coarse }: GenerationConfig): CoarseRates {
  return { ...coarse, semanticRateHz: semantic.semanticRateHz };
}

/** Coarse tokens a semantic token: 3.006 for Bark. */
export function coarsePerSemantic(rates: CoarseRates): number {
  return (rates.coarseRateHz / rates.semanticRateHz) * rates.coarseCodebooks;
}

/** How many coarse tokens `semanticLength` semantic tokens become; whole frames. */
export function coarseLength(semanticLength: number, rates: CoarseRates): number {
  const frames = Math.floor((semanticLength * coarsePerSemantic(rates)) / rates.coarseCodebooks);
  return frames * rates.coarseCodebooks;
}

/** Semantic tokens of history that a coarse window can see: 209 for Bark. */
export function maxSemanticHistory(rates: CoarseRates): number {
  return Math.floor(rates.maxCoarseHistory / coarsePerSemantic(rates));
}

/** How much of a voice the coarse stage uses: the last tokens of its semantic and flattened coarse prompts. */
export function coarseHistoryLengths(
  semanticLength: number,
  flatCoarseLength: number,
  rates: CoarseRates,
): { semantic: number; coarse: number } {
  const ratio = coarsePerSemantic(rates);
  const semantic = Math.min(
    maxSemanticHistory(rates),
    semanticLength - (semanticLength % 2),
    Math.floor(flatCoarseLength / ratio),
  );
  return { semantic, coarse: roundHalfEven(semantic * ratio) };
}

/** Where the window that begins after `done` coarse tokens starts to read the semantic tokens, history included. */
export function semanticStart(done: number, historyLength: number, rates: CoarseRates): number {
  const position = historyLength + roundHalfEven(done / coarsePerSemantic(rates));
  return Math.max(0, position - maxSemanticHistory(rates));
}

export interface FineWindow {
  /** First frame of the window, history included. */
  readonly start: number;
  /** First row of the window that is predicted; what lies before is context. */
  readonly firstRow: number;
}

/** The windows of `frames` new frames after `historyFrames`, and the frames they run over in all. */
export function fineWindows(
  frames: number,
  historyFrames: number,
  lengths: { readonly maxFineInputLength: number; readonly maxFineHistoryLength: number },
): { paddedLength: number; windows: FineWindow[] } {
  const { maxFineInputLength: windowLength, maxFineHistoryLength: step } = lengths;
  const paddedLength = Math.max(windowLength, historyFrames + frames);
  const loops = Math.max(0, Math.ceil((frames - (windowLength - historyFrames)) / step)) + 1;
  const windows = Array.from({ length: loops }, (_, n) => {
    const start = Math.min(n * step, paddedLength - windowLength);
    const fill = Math.min(historyFrames + n * step, paddedLength - step);
    return { start, firstRow: fill - start };
  });
  return { paddedLength, windows };
}
