/** What the page and the thread that decodes say to each other; each question has one answer, in its order. */

/** A chunk of an utterance, whose state the thread keeps between its chunks. */
interface DecodeQuestion {
  readonly type: 'decode';
  /** Names the utterance among those that are open. */
  readonly stream: number;
  /** [codebooks, frames] row by row. */
  readonly codes: Int32Array;
}

export type Question =
  /** The decoder's ONNX file, and how many codebooks it has. */
  | { readonly type: 'open'; readonly file: ArrayBuffer; readonly codebooks: number }
  | DecodeQuestion
  | { readonly type: 'close'; readonly stream: number };

export type Answer =
  | { readonly type: 'done' }
  | { readonly type: 'samples'; readonly samples: Float32Array<ArrayBuffer> }
  | { readonly type: 'failed' };
