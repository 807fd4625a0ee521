/** The frames of a sentence while they are completed: the voice's history, then frame after frame, then padding. */
import { fineCodes, type FineCodes } from '#shared/bark/shapes.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import { coarseCodesOf } from './coarse.ts';
import type { Feed } from './feed.ts';

export class FrameBuffer {
  /** Frames of history in front. */
  readonly historyFrames: number;
  readonly #config: GenerationConfig;
  readonly #books: number;
  /** [frames, books] row by row; what is not known is `codebookSize`. */
  #codes: Int32Array;
  #frames = 0;

  /** Takes at most the last `maxHistoryFrames` of `history`, [books, H] row by row. */
  constructor(config: GenerationConfig, history: Uint16Array | null, maxHistoryFrames: number) {
    this.#config = config;
    this.#books = config.fine.fineCodebooks;
    const stored = history === null ? 0 : history.length / this.#books;
    this.historyFrames = Math.min(maxHistoryFrames, stored);
    this.#codes = this.#unknown(2 * config.fine.maxFineInputLength);
    const skipped = stored - this.historyFrames;
    for (let t = 0; t < this.historyFrames; t += 1) {
      for (let book = 0; book < this.#books; book += 1) {
        this.#codes[t * this.#books + book] = history?.[book * stored + skipped + t] ?? 0;
      }
    }
  }

  /** Frames of the sentence that have come. */
  get frames(): number {
    return this.#frames;
  }

  /** Takes over the whole frames of the feed that are new. */
  add(coarse: Feed): void {
    const given = this.#config.coarse.coarseCodebooks;
    const frames = Math.floor(coarse.length / given);
    const count = frames - this.#frames;
    if (count <= 0) return;
    this.pad(this.historyFrames + frames);
    const codes = coarseCodesOf(coarse.slice(this.#frames * given, frames * given), this.#config);
    for (let t = 0; t < count; t += 1) {
      for (let book = 0; book < given; book += 1) {
        const at = this.historyFrames + this.#frames + t;
        this.#codes[at * this.#books + book] = codes[book * count + t] ?? 0;
      }
    }
    this.#frames = frames;
  }

  /** Makes sure that so many frames can be seen, unknown ones behind those that have come. */
  pad(frames: number): void {
    if (frames * this.#books <= this.#codes.length) return;
    const larger = this.#unknown(2 * frames);
    larger.set(this.#codes);
    this.#codes = larger;
  }

  /** [length, books] from frame `start` on, history included; writing to it changes the buffer. */
  window(start: number, length: number): Int32Array {
    return this.#codes.subarray(start * this.#books, (start + length) * this.#books);
  }

  /** Frames from..until - 1 of the sentence, [books, frames] row by row; throws where one is not complete. */
  codes(from: number, until: number): FineCodes {
    const frames = until - from;
    const turned = new Int32Array(this.#books * frames);
    for (let t = 0; t < frames; t += 1) {
      for (let book = 0; book < this.#books; book += 1) {
        turned[book * frames + t] =
          this.#codes[(this.historyFrames + from + t) * this.#books + book] ?? 0;
      }
    }
    return fineCodes(turned, this.#config.codebookSize);
  }

  #unknown(frames: number): Int32Array {
    return new Int32Array(frames * this.#books).fill(this.#config.codebookSize);
  }
}
