/** Codes to samples in chunks: the first is small so that sound leaves early, later ones are larger. */
import { fineCodes, type FineCodes, type Waveform } from '#shared/bark/shapes.ts';
import type { CodecModel } from './codec-model.ts';

/** First chunk, 0.2 s of sound. */
const FIRST_CHUNK_FRAMES = 15;
/** Largest chunk, one second of sound. */
const MAX_CHUNK_FRAMES = 75;

/** How many codes a frame has, and what they are below. */
export interface BookSizes {
  readonly codebooks: number;
  readonly codebookSize: number;
}

/**
 * Decodes an utterance whose codes, [books, frames] row by row, arrive in pieces; together the
 * chunks are the samples of decoding it at once. Chunks double from the first to the largest.
 */
export async function* decodeInChunks(
  model: CodecModel,
  pieces: AsyncIterable<FineCodes>,
  sizes: BookSizes,
  signal: AbortSignal,
): AsyncGenerator<Waveform, void, undefined> {
  const books = sizes.codebooks;
  const stream = model.open();
  try {
    let held = fineCodes(new Int32Array(0), sizes.codebookSize);
    let nextFrames = Math.max(FIRST_CHUNK_FRAMES, model.firstChunkFrames);
    // the first samples look ahead, so that much must be there before anything is decoded
    let neededFrames = model.firstChunkFrames;
    for await (const piece of pieces) {
      held = joinFrames(held, piece, sizes);
      while (held.length / books >= neededFrames) {
        const frames = Math.min(nextFrames, held.length / books);
        const chunk = sliceFrames(held, 0, frames, sizes);
        held = sliceFrames(held, frames, held.length / books, sizes);
        yield await stream.decode(chunk, signal);
        nextFrames = Math.min(2 * nextFrames, MAX_CHUNK_FRAMES);
        neededFrames = 1;
      }
    }
    if (held.length > 0) yield await stream.decode(held, signal);
  } finally {
    stream.close();
  }
}

/** [books, a] and [books, b] side by side: [books, a + b]. */
export function joinFrames(
  left: FineCodes,
  right: FineCodes,
  { codebooks: books, codebookSize }: BookSizes,
): FineCodes {
  const a = left.length / books;
  const b = right.length / books;
  const joined = new Int32Array(left.length + right.length);
  for (let book = 0; book < books; book += 1) {
    joined.set(left.subarray(book * a, (book + 1) * a), book * (a + b));
    joined.set(right.subarray(book * b, (book + 1) * b), book * (a + b) + a);
  }
  return fineCodes(joined, codebookSize);
}

/** Frames from..until - 1 of [books, frames]. */
export function sliceFrames(
  codes: FineCodes,
  from: number,
  until: number,
  { codebooks: books, codebookSize }: BookSizes,
): FineCodes {
  const frames = codes.length / books;
  const slice = new Int32Array(books * (until - from));
  for (let book = 0; book < books; book += 1) {
    slice.set(codes.subarray(book * frames + from, book * frames + until), book * (until - from));
  }
  return fineCodes(slice, codebookSize);
}
