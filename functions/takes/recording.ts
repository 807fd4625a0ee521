/** One sentence's audio while it is made, kept whole: read by any number, the fastest of whom drives the source. */
import type { SpokenSentence } from '../backend/synthesizer.ts';

export class Recording {
  readonly #source: SpokenSentence;
  readonly #pieces: Int16Array[] = [];
  #hasEnded = false;
  #reading: Promise<void> | undefined;

  constructor(source: SpokenSentence) {
    this.#source = source;
  }

  /** Complete once a reader was told null. */
  get pieces(): readonly Int16Array[] {
    return this.#pieces;
  }

  /** A piece by its place, null after the last. */
  async piece(at: number): Promise<Int16Array | null> {
    for (;;) {
      const piece = this.#pieces[at];
      if (piece !== undefined) return piece;
      if (this.#hasEnded) return null;
      await (this.#reading ??= this.#readOne());
    }
  }

  async #readOne(): Promise<void> {
    try {
      const piece = await this.#source.read();
      if (piece === null) this.#hasEnded = true;
      else this.#pieces.push(piece);
    } finally {
      this.#reading = undefined;
    }
  }
}
