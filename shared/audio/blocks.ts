/** Cuts samples into blocks of one size, in whatever pieces they come. */
export class Blocks {
  readonly #block: Int16Array;
  #filled = 0;

  constructor(size: number) {
    this.#block = new Int16Array(size);
  }

  /** The blocks that these samples complete; each is valid until the next is asked for. */
  *write(samples: Int16Array): Generator<Int16Array, void, undefined> {
    for (let at = 0; at < samples.length;) {
      const piece = samples.subarray(at, at + this.#block.length - this.#filled);
      this.#block.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
      if (this.#filled === this.#block.length) {
        this.#filled = 0;
        yield this.#block;
      }
    }
  }

  /** Samples of a last block that was not completed: fewer than one block, a view. */
  rest(): Int16Array {
    return this.#block.subarray(0, this.#filled);
  }
}
