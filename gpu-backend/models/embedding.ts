/** Embedding tables stay in plain arrays: a row is added where it is needed. */

/** Adds row `id` of `table` [rows, width] to `row` [width]; throws RangeError for an id outside the table. */
export function addEmbedding(row: Float32Array, table: Float32Array, id: number): void {
  const width = row.length;
  const from = id * width;
  if (id < 0 || from + width > table.length) {
    throw new RangeError(
      `The embedding table has ${table.length / width} rows; id ${id} is none of them.`,
    );
  }
  for (let i = 0; i < width; i += 1) row[i] = (row[i] ?? 0) + (table[from + i] ?? 0);
}
