/**
 * Counter-based randomness: the draw of a step depends on seed, stage, row and step alone, so a take
 * is the same however the work is chunked, batched or repeated.
 *
 * Philox4x32-10 of Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011).
 */

/** Where a draw is used: the first word of the counter. */
export const STAGE_STREAM = { semantic: 0, coarse: 1, fine: 2 } as const;
export type RandomStage = keyof typeof STAGE_STREAM;

/** Uniform draws in [0, 1) for one stage of one row. */
export type Draw = (step: number) => number;

/** Hands out draws; injected, so that a test may say what is drawn. */
export type Randomness = (stage: RandomStage, row: number) => Draw;

/** `seed` is an integer in 0..2^53 - 1. */
export function philoxRandomness(seed: number): Randomness {
  const keyLow = seed >>> 0;
  const keyHigh = Math.floor(seed / 2 ** 32) >>> 0;
  return (stage, row) => {
    const counter = new Uint32Array(4);
    return (step) => {
      counter[0] = step >>> 0;
      counter[1] = Math.floor(step / 2 ** 32) >>> 0;
      counter[2] = row >>> 0;
      counter[3] = STAGE_STREAM[stage];
      const [a, b] = philox4x32(counter, keyLow, keyHigh);
      // 53 random bits, the most that a double in [0, 1) holds evenly
      return ((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53;
    };
  };
}

const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
/** Golden ratio and sqrt(3) - 1, as fractions of 2^32: what the key grows by each round. */
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** One block: four 32-bit words from a counter of four and a key of two. */
export function philox4x32(
  counter: Uint32Array,
  keyLow: number,
  keyHigh: number,
): [number, number, number, number] {
  let [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = counter;
  let k0 = keyLow;
  let k1 = keyHigh;
  for (let round = 0; round < ROUNDS; round += 1) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1 >>> 0, (high0 ^ c3 ^ k1) >>> 0, low0 >>> 0];
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // every sum stays below 2^53
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 65_536);
  const other = aLow * bHigh + (middle % 65_536);
  return (aHigh * bHigh + Math.floor(middle / 65_536) + Math.floor(other / 65_536)) >>> 0;
}
