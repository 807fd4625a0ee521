/** Floats of a `.npy` file that are integers, as those who saved a voice from Python may have them. */
import { NPY_MAX_VALUES } from '#shared/bark/npy.ts';

/** `\x93NUMPY`, two bytes of version, then the length of the header in two bytes, from version 2 on in four. */
const VERSION_AT = 6;
const LENGTH_AT = 8;

/** `<f4` or `<f8`, as NumPy writes it. */
const FLOATS = /(?<before>['"]descr['"]\s*:\s*['"]<)f(?<bytes>[48])['"]/u;

/**
 * The same file with `<i4` for `<f4` and `<i8` for `<f8`; any other file is returned as it is, for the
 * reader of integers to judge. Throws RangeError where a value is no integer.
 */
export function integersOfNpy(file: Uint8Array): Uint8Array {
  if (file.length < LENGTH_AT + 4) return file;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const isLong = view.getUint8(VERSION_AT) > 1;
  const headerAt = LENGTH_AT + (isLong ? 4 : 2);
  const dataAt =
    headerAt + (isLong ? view.getUint32(LENGTH_AT, true) : view.getUint16(LENGTH_AT, true));
  const header = new TextDecoder('latin1').decode(file.subarray(headerAt, dataAt));
  const found = FLOATS.exec(header);
  const count = (file.length - dataAt) / Number(found?.groups?.['bytes']);
  // a length that does not come out even is a fault that the reader tells
  if (found === null || !Number.isInteger(count) || count > NPY_MAX_VALUES) return file;

  const integers = Uint8Array.from(file);
  integers[headerAt + found.index + (found.groups?.['before'] ?? '').length] = 'i'.charCodeAt(0);
  const out = new DataView(integers.buffer);
  for (let i = 0; i < count; i += 1) {
    const isDouble = found.groups?.['bytes'] === '8';
    const at = dataAt + i * (isDouble ? 8 : 4);
    const value = isDouble ? view.getFloat64(at, true) : view.getFloat32(at, true);
    if (!Number.isInteger(value) || Math.abs(value) > 0x7fff_ffff) {
      throw new RangeError(`Entry ${i} is ${value}, no token and no code; save integers.`);
    }
    if (isDouble) out.setBigInt64(at, BigInt(value), true);
    else out.setInt32(at, value, true);
  }
  return integers;
}
