/**
 * Integer arrays of NumPy's `.npy` format, versions 1.0 to 3.0: a magic string, a header that is a
 * Python dictionary, then the values. The header is read by a small strict grammar, never evaluated.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { type PromptArray, VOICE_MAX_LENGTH } from './voice.ts';

/** As NumPy: a longer header is an attack, not an array. */
const HEADER_MAX_BYTES = 10_000;

/** More than the largest array of a voice: its 8 fine codebooks. */
export const NPY_MAX_VALUES = 8 * VOICE_MAX_LENGTH;

/** Nothing in a voice has more than two. */
const MAX_DIMENSIONS = 8;

/** `\x93NUMPY`, the major and the minor version. */
const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);

/** The data begins at a multiple of this many bytes in what is written here, as NumPy does. */
const ALIGNMENT_BYTES = 64;

type ReadValue = (view: DataView, at: number) => number;

interface Dtype {
  readonly sizeBytes: number;
  readonly read: ReadValue;
}

/** By `descr`: the element types that are read. */
const DTYPES: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ['|i1', { sizeBytes: 1, read: (view, at) => view.getInt8(at) }],
  ['|u1', { sizeBytes: 1, read: (view, at) => view.getUint8(at) }],
  ['<i2', { sizeBytes: 2, read: (view, at) => view.getInt16(at, true) }],
  ['<u2', { sizeBytes: 2, read: (view, at) => view.getUint16(at, true) }],
  ['<i4', { sizeBytes: 4, read: (view, at) => view.getInt32(at, true) }],
  ['<u4', { sizeBytes: 4, read: (view, at) => view.getUint32(at, true) }],
  ['<i8', { sizeBytes: 8, read: readInt64 }],
  ['<u8', { sizeBytes: 8, read: readUint64 }],
]);

/** Reads an integer array into C order; its values are copied. Throws RangeError with the fault of the file. */
export function decodeNpy(bytes: Uint8Array): PromptArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, dataBegin } = readHeader(bytes, view);
  const { descr, isFortranOrder, shape } = parseHeader(header);
  const dtype = DTYPES.get(descr);
  if (dtype === undefined) throw new RangeError(describeDtype(descr));
  const count = countOf(shape);
  const dataBytes = bytes.byteLength - dataBegin;
  if (dataBytes !== count * dtype.sizeBytes) {
    throw new RangeError(
      `The .npy file has ${dataBytes} bytes of values; [${shape.join(', ')}] of ${descr} needs ${count * dtype.sizeBytes}.`,
    );
  }
  if (isFortranOrder && shape.length > 2) {
    throw new RangeError(
      `The .npy file is in Fortran order with ${shape.length} dimensions; save it in C order.`,
    );
  }
  const [rows = 1, columns = 1] = shape.length === 2 ? shape : [1, count];
  // in Fortran order the rows lie next to each other
  const [rowStep, columnStep] = isFortranOrder ? [1, rows] : [columns, 1];
  const data = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    const row = Math.floor(i / columns);
    const index = shape.length === 2 ? row * rowStep + (i - row * columns) * columnStep : i;
    data[i] = dtype.read(view, dataBegin + index * dtype.sizeBytes);
  }
  return { shape, data };
}

/** Writes an integer array in C order as version 1.0; a value that the element type can not hold throws RangeError. */
export function encodeNpy(
  { shape, data }: PromptArray,
  descr: '<i8' | '<u2',
): Uint8Array<ArrayBuffer> {
  if (countOf(shape) !== data.length) {
    throw new RangeError(
      `${data.length} values do not fill an array of shape [${shape.join(', ')}].`,
    );
  }
  const sizeBytes = descr === '<i8' ? 8 : 2;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const fields = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const prefixBytes = MAGIC.length + 4;
  const unpadded = prefixBytes + fields.length + 1;
  const dataBegin = Math.ceil(unpadded / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const header = `${fields.padEnd(dataBegin - prefixBytes - 1)}\n`;

  const bytes = new Uint8Array(dataBegin + sizeBytes * data.length);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  bytes[MAGIC.length] = 1;
  view.setUint16(MAGIC.length + 2, header.length, true);
  bytes.set(new TextEncoder().encode(header), prefixBytes);
  for (let i = 0; i < data.length; i += 1) {
    const value = data[i] ?? Number.NaN;
    const fits = descr === '<i8' ? Number.isSafeInteger(value) : value === (value & 0xffff);
    if (!fits) throw new RangeError(`Entry ${i} is ${value}; ${descr} can not hold it.`);
    const at = dataBegin + i * sizeBytes;
    if (descr === '<i8') view.setBigInt64(at, BigInt(value), true);
    else view.setUint16(at, value, true);
  }
  return bytes;
}

function readHeader(bytes: Uint8Array, view: DataView): { header: string; dataBegin: number } {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new RangeError('The file is no .npy file: it does not begin with \\x93NUMPY.');
  }
  const major = bytes[MAGIC.length] ?? 0;
  const minor = bytes[MAGIC.length + 1] ?? 0;
  if (major < 1 || major > 3 || minor !== 0) {
    throw new RangeError(`The .npy file has version ${major}.${minor}; 1.0, 2.0 and 3.0 are read.`);
  }
  // version 1 has a uint16 for the length of the header, the others a uint32
  const lengthBytes = major === 1 ? 2 : 4;
  const headerBegin = MAGIC.length + 2 + lengthBytes;
  if (bytes.byteLength < headerBegin) throw new RangeError('The .npy file ends in its header.');
  const length =
    major === 1 ? view.getUint16(headerBegin - 2, true) : view.getUint32(headerBegin - 4, true);
  if (length > HEADER_MAX_BYTES) {
    throw new RangeError(
      `The .npy header has ${length} bytes; no more than ${HEADER_MAX_BYTES} are read.`,
    );
  }
  const dataBegin = headerBegin + length;
  if (bytes.byteLength < dataBegin) throw new RangeError('The .npy file ends in its header.');
  return { header: new TextDecoder().decode(bytes.subarray(headerBegin, dataBegin)), dataBegin };
}

interface Header {
  readonly descr: string;
  readonly isFortranOrder: boolean;
  readonly shape: readonly number[];
}

/** One field of the dictionary, in any order, with what may follow it. */
const FIELD =
  /\s*(?:'(?<single>[a-z_]+)'|"(?<double>[a-z_]+)")\s*:\s*(?:'(?<text>[^'\\\n]*)'|"(?<quoted>[^"\\\n]*)"|(?<truth>True|False)|\((?<tuple>[0-9,\s]*)\))\s*(?:,\s*|(?=\}))/uy;

function parseHeader(header: string): Header {
  const trimmed = header.trim();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) throw headerFault();
  const fields = new Map<string, string>();
  FIELD.lastIndex = 1;
  while (FIELD.lastIndex < trimmed.length - 1) {
    const groups = FIELD.exec(trimmed)?.groups;
    if (groups === undefined) throw headerFault();
    const key = groups['single'] ?? groups['double'] ?? '';
    if (fields.has(key)) throw headerFault();
    const kind =
      groups['tuple'] === undefined
        ? groups['truth'] === undefined
          ? 'descr'
          : 'fortran_order'
        : 'shape';
    // each key has values of one kind, so the kind is checked by its name
    if (key !== kind) throw headerFault();
    fields.set(key, groups['text'] ?? groups['quoted'] ?? groups['truth'] ?? groups['tuple'] ?? '');
  }
  const descr = fields.get('descr');
  const fortranOrder = fields.get('fortran_order');
  const tuple = fields.get('shape');
  if (descr === undefined || fortranOrder === undefined || tuple === undefined) throw headerFault();
  return { descr, isFortranOrder: fortranOrder === 'True', shape: parseShape(tuple) };
}

/** The inside of a Python tuple: `3,` or `2, 426` or nothing. */
function parseShape(tuple: string): number[] {
  const dimensions = tuple.split(',').map((dimension) => dimension.trim());
  if (dimensions.at(-1) === '') dimensions.pop();
  else if (dimensions.length === 1) throw headerFault();
  if (dimensions.length > MAX_DIMENSIONS) {
    throw new RangeError(`The .npy array has ${dimensions.length} dimensions; a voice has 1 or 2.`);
  }
  return dimensions.map((dimension) => {
    if (!/^[0-9]{1,15}$/u.test(dimension)) throw headerFault();
    return Number(dimension);
  });
}

function countOf(shape: readonly number[]): number {
  const count = shape.reduce((product, dimension) => product * dimension, 1);
  if (count > NPY_MAX_VALUES) {
    throw new RangeError(
      `The .npy array [${shape.join(', ')}] has more than the ${NPY_MAX_VALUES} values of the longest voice.`,
    );
  }
  return count;
}

function headerFault(): RangeError {
  return new RangeError(
    'The .npy header is not a dictionary of descr, fortran_order and shape; save the array with numpy.save.',
  );
}

function describeDtype(descr: string): string {
  const name = /^[<>|=]?[a-zA-Z][0-9]{0,3}$/u.test(descr) ? descr : 'a structured type';
  const remedy = `save the array as ${[...DTYPES.keys()].join(' ')}`;
  if (/^>[iu]/u.test(descr)) return `The .npy array is big endian (${name}); ${remedy}.`;
  if (/^.?f/u.test(descr)) return `The .npy array holds floats (${name}); ${remedy}.`;
  return `The .npy array is of ${name}, no integer type that is read; ${remedy}.`;
}

function readInt64(view: DataView, at: number): number {
  return safeInteger(view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true));
}

function readUint64(view: DataView, at: number): number {
  return safeInteger(view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true));
}

function safeInteger(value: number): number {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(
      'The .npy array has a value beyond 2^53; tokens and codes are below 10 000.',
    );
  }
  return value;
}
