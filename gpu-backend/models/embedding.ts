/** Embedding tables stay in plain arrays: a row is widened and added where it is needed. */
import { halfToFloat, toHalves } from './half.ts';

export interface EmbeddingTable {
  readonly rows: number;
  /** Adds row `id` to `target` [width]; throws RangeError for an id outside the table. */
  addRow(target: Float32Array, id: number): void;
  /** All rows, [rows, width]; a fresh array unless the table is held in full precision. */
  widened(): Float32Array;
}

/** `full` keeps the array that is given. */
export type TablePrecision = 'full' | 'half';

/** A table [rows, width]. */
export function embeddingTable(
  table: Float32Array,
  width: number,
  precision: TablePrecision,
): EmbeddingTable {
  return precision === 'full' ? new FloatTable(table, width) : halfTable(toHalves(table), width);
}

/** A table [rows, width] of halves, by their bits; the array is kept. */
export function halfTable(halves: Uint16Array, width: number): EmbeddingTable {
  return new HalfTable(halves, width);
}

class FloatTable implements EmbeddingTable {
  readonly #table: Float32Array;
  readonly rows: number;

  constructor(table: Float32Array, width: number) {
    this.#table = table;
    this.rows = table.length / width;
  }

  addRow(target: Float32Array, id: number): void {
    addEmbedding(target, this.#table, id);
  }

  widened(): Float32Array {
    return this.#table;
  }
}

class HalfTable implements EmbeddingTable {
  readonly #halves: Uint16Array;
  readonly rows: number;

  constructor(halves: Uint16Array, width: number) {
    this.#halves = halves;
    this.rows = halves.length / width;
  }

  addRow(target: Float32Array, id: number): void {
    checkId(id, this.rows);
    const floats = halfToFloat();
    const from = id * target.length;
    for (let i = 0; i < target.length; i += 1) {
      target[i] = (target[i] ?? 0) + (floats[this.#halves[from + i] ?? 0] ?? 0);
    }
  }

  widened(): Float32Array {
    const floats = halfToFloat();
    const halves = this.#halves;
    const widened = new Float32Array(halves.length);
    // twenty times as fast as Float32Array.from with a function
    for (let i = 0; i < halves.length; i += 1) widened[i] = floats[halves[i] ?? 0] ?? 0;
    return widened;
  }
}

/** Adds row `id` of `table` [rows, width] to `row` [width]; throws RangeError for an id outside the table. */
export function addEmbedding(row: Float32Array, table: Float32Array, id: number): void {
  const width = row.length;
  checkId(id, table.length / width);
  const from = id * width;
  for (let i = 0; i < width; i += 1) row[i] = (row[i] ?? 0) + (table[from + i] ?? 0);
}

function checkId(id: number, rows: number): void {
  if (id < 0 || id >= rows) {
    throw new RangeError(`The embedding table has ${rows} rows; id ${id} is none of them.`);
  }
}
