/**
 * Keys and values of several sequences side by side, so that one run can advance neighbours together.
 * Memory is zeroed lazily by the system: only positions that were written take room.
 */

/** Numbers that a cache holds. */
export type CacheType = 'float32' | 'int8';

export type CacheArray = Float32Array<ArrayBuffer> | Int8Array<ArrayBuffer>;

export interface CacheGeometry {
  readonly layers: number;
  readonly heads: number;
  readonly hiddenSize: number;
  /** Positions of a sequence. */
  readonly blockSize: number;
}

export class CacheSlab {
  readonly rows: number;
  /** Filled positions of each row. */
  readonly lengths: Int32Array;
  readonly #geometry: CacheGeometry;
  readonly #taken: boolean[];
  /** Each layer's keys, then its values: [rows, heads, blockSize, width]. */
  readonly #arrays: readonly CacheArray[];

  constructor(geometry: CacheGeometry, rows: number, type: CacheType) {
    const { layers, hiddenSize, blockSize } = geometry;
    this.rows = rows;
    this.lengths = new Int32Array(rows);
    this.#geometry = geometry;
    this.#taken = Array.from({ length: rows }, () => false);
    // one piece, so large that malloc maps it afresh: untouched pages then never become resident
    const size = rows * blockSize * hiddenSize;
    const Numbers = type === 'int8' ? Int8Array : Float32Array;
    const bytes = size * Numbers.BYTES_PER_ELEMENT;
    const memory = new ArrayBuffer(2 * layers * bytes);
    this.#arrays = Array.from(
      { length: 2 * layers },
      (_, i) => new Numbers(memory, i * bytes, size),
    );
  }

  /** Takes the lowest free row, or null when there is none. */
  take(): number | null {
    const row = this.#taken.indexOf(false);
    if (row === -1) return null;
    this.#taken[row] = true;
    this.lengths[row] = 0;
    return row;
  }

  give(row: number): void {
    this.#taken[row] = false;
    this.lengths[row] = 0;
  }

  /** Positions that a row can hold. */
  get capacity(): number {
    return this.#geometry.blockSize;
  }

  get isUnused(): boolean {
    return !this.#taken.includes(true);
  }

  /** [rows, heads, blockSize, width] of `count` neighbours. */
  shape(count: number): readonly number[] {
    const { heads, blockSize, hiddenSize } = this.#geometry;
    return [count, heads, blockSize, hiddenSize / heads];
  }

  /** The memory of `count` neighbours from `first` on, by the names the graph gives keys and values. */
  *views(first: number, count: number): Generator<{ name: string; memory: CacheArray }> {
    const { layers, blockSize, hiddenSize } = this.#geometry;
    const size = blockSize * hiddenSize;
    for (let i = 0; i < layers; i += 1) {
      for (const [offset, kind] of ['key', 'value'].entries()) {
        const array = this.#arrays[2 * i + offset];
        if (array === undefined) throw new RangeError(`There is no layer ${i}.`);
        yield {
          name: `${kind}_${i}`,
          memory: array.subarray(first * size, (first + count) * size),
        };
      }
    }
  }
}
