/**
 * A voice's semantic tokens and frames are two accounts of the same sound: 49.9 and 75 a second, 1.503 frames a
 * token. Bark lines them up by their ends and by that ratio, so they are only ever cut together.
 */
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import { coarseLength, coarseRates } from '../pipeline/windows.ts';

/** How many frames the coarse stage makes of so many semantic tokens. */
export function framesOf(tokens: number, generation: GenerationConfig): number {
  return coarseLength(tokens, coarseRates(generation)) / generation.coarse.coarseCodebooks;
}

/** The most of both that belong together. */
export function fitLengths(
  { tokens, frames }: { readonly tokens: number; readonly frames: number },
  generation: GenerationConfig,
): { tokens: number; frames: number } {
  const { semanticRateHz } = generation.semantic;
  // a token more than the rates say may still make no more frames
  let most = Math.floor((frames * semanticRateHz) / generation.coarse.coarseRateHz) + 1;
  while (most > 0 && framesOf(most, generation) > frames) most -= 1;
  const fitting = Math.min(tokens, most);
  return { tokens: fitting, frames: framesOf(fitting, generation) };
}

/** Semantic tokens without the end tokens that fill a row up. */
export function withoutEnd(semantic: Int32Array, generation: GenerationConfig): Int32Array {
  let length = semantic.length;
  while (length > 0 && semantic[length - 1] === generation.semantic.eosTokenId) length -= 1;
  return semantic.subarray(0, length);
}

/** The first `frames` of [rows, all] row by row. */
export function firstFrames(
  codes: Int32Array,
  { rows, frames }: { readonly rows: number; readonly frames: number },
): Int32Array {
  const all = codes.length / rows;
  const first = new Int32Array(rows * frames);
  for (let row = 0; row < rows; row += 1) {
    first.set(codes.subarray(row * all, row * all + frames), row * frames);
  }
  return first;
}
