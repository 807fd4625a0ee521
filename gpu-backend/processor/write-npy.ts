/**
 * Writes an array of a voice as `.npy` 1.0 of int64, as the published ones are, a coarse prompt
 * column by column (in Fortran order) and the others row by row.
 */

/** The values begin at a multiple of this many bytes, as NumPy has it. */
const ALIGNMENT_BYTES = 64;

const PREFIX = Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'), 1, 0);

/** `data` lies row by row; with `isFortranOrder` the file has it column by column. */
export function encodeInt64Npy(
  shape: readonly number[],
  data: Uint16Array,
  isFortranOrder: boolean,
): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const order = isFortranOrder ? 'True' : 'False';
  const fields = `{'descr': '<i8', 'fortran_order': ${order}, 'shape': ${tuple}, }`;
  const headerAt = PREFIX.length + 2;
  const dataAt = Math.ceil((headerAt + fields.length + 1) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const header = `${fields.padEnd(dataAt - headerAt - 1)}\n`;

  const file = new Uint8Array(dataAt + 8 * data.length);
  const view = new DataView(file.buffer);
  file.set(PREFIX);
  view.setUint16(PREFIX.length, header.length, true);
  file.set(new TextEncoder().encode(header), headerAt);
  const [rows, columns] = isFortranOrder ? [shape[0] ?? 1, shape[1] ?? 1] : [1, data.length];
  for (let i = 0; i < data.length; i += 1) {
    const from = (i % rows) * columns + Math.floor(i / rows);
    // below 2^16: the upper half stays 0
    view.setUint32(dataAt + 8 * i, data[from] ?? 0, true);
  }
  return file;
}
