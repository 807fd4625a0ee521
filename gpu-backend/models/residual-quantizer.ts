/**
 * Residual vector quantisation: the nearest entry of a codebook is taken away from the vector, and what is left
 * goes to the next codebook.
 */

/** Told for each frame and codebook which entry is nearest. */
export type TakeCode = (book: number, frame: number, code: number) => void;

/**
 * Quantises rows of `latent` [frames, width] by `codebooks`, each [size, width]; `latent` is used up. The distance
 * is |x|^2 - 2 x.e + |e|^2 with each term rounded to float32, as the reference has it, and of equal distances the
 * lowest index wins; only sums within a term are more exact than the reference's.
 */
export function residualQuantizer(
  codebooks: readonly Float32Array[],
  width: number,
): (latent: Float32Array, take: TakeCode) => void {
  const lengths = codebooks.map((entries) =>
    Float32Array.from({ length: entries.length / width }, (_, index) =>
      squareOf(entries, index * width, width),
    ),
  );
  return (latent, take) => {
    const frames = latent.length / width;
    for (let frame = 0; frame < frames; frame += 1) {
      const vector = latent.subarray(frame * width, (frame + 1) * width);
      codebooks.forEach((entries, book) => {
        const code = nearest(vector, entries, lengths[book] ?? new Float32Array(0));
        take(book, frame, code);
        for (let i = 0; i < width; i += 1) {
          vector[i] = (vector[i] ?? 0) - (entries[code * width + i] ?? 0);
        }
      });
    }
  };
}

function nearest(vector: Float32Array, entries: Float32Array, lengths: Float32Array): number {
  const width = vector.length;
  const square = Math.fround(squareOf(vector, 0, width));
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < lengths.length; index += 1) {
    let product = 0;
    const at = index * width;
    for (let i = 0; i < width; i += 1) product += (vector[i] ?? 0) * (entries[at + i] ?? 0);
    const distance = Math.fround(
      Math.fround(square - Math.fround(2 * product)) + (lengths[index] ?? 0),
    );
    if (distance < least) {
      least = distance;
      best = index;
    }
  }
  return best;
}

function squareOf(values: Float32Array, from: number, width: number): number {
  let sum = 0;
  for (let i = from; i < from + width; i += 1) sum += (values[i] ?? 0) ** 2;
  return sum;
}
