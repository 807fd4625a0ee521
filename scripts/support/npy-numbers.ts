/** Reads the arrays of a golden folder: npy 1.0 of int16, int32, int64 or float32, as flat numbers in C order. */
import { readFile } from 'node:fs/promises';

const READERS: Record<string, { size: number; read: (view: DataView, at: number) => number }> = {
  '<i2': { size: 2, read: (view, at) => view.getInt16(at, true) },
  '<i4': { size: 4, read: (view, at) => view.getInt32(at, true) },
  '<i8': { size: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  '<f4': { size: 4, read: (view, at) => view.getFloat32(at, true) },
};

export async function readNumbers(file: string): Promise<Float64Array> {
  const bytes = await readFile(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 10 + view.getUint16(8, true);
  const header = bytes.toString('latin1', 10, start);
  const type = /'descr': '([^']+)'/.exec(header)?.[1] ?? '';
  const reader = READERS[type];
  if (reader === undefined) {
    throw new Error(`${file} must be an array of ${Object.keys(READERS).join(', ')}.`);
  }
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').flatMap((size) => {
    const dimension = size.trim();
    return dimension === '' ? [] : [Number(dimension)];
  });
  const isFortran = header.includes("'fortran_order': True");
  const count = shape.reduce((product, size) => product * size, 1);
  return Float64Array.from({ length: count }, (_, i) =>
    reader.read(view, start + reader.size * (isFortran ? fortranIndex(i, shape) : i)),
  );
}

/** Where the element with C-order number `index` lies when the first axis varies fastest. */
function fortranIndex(index: number, shape: readonly number[]): number {
  let rest = index;
  let stride = shape.reduce((product, size) => product * size, 1);
  let position = 0;
  for (const size of shape.toReversed()) {
    stride /= size;
    position += (rest % size) * stride;
    rest = Math.floor(rest / size);
  }
  return position;
}
