import { describe, expect, test } from 'vitest';
import { NPY_MAX_VALUES, decodeNpy, encodeNpy } from './npy.ts';

/** A file of this header and these values' bytes, as any version writes it. */
function npy(fields: string, data: Uint8Array, version = 1): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(fields);
  const lengthBytes = version === 1 ? 2 : 4;
  const bytes = new Uint8Array(8 + lengthBytes + text.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  bytes.set(text, 8 + lengthBytes);
  bytes.set(data, 8 + lengthBytes + text.length);
  return bytes;
}

function header(descr: string, shape: string, fortranOrder = 'False'): string {
  return `{'descr': '${descr}', 'fortran_order': ${fortranOrder}, 'shape': ${shape}, }          \n`;
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const plain = (bytes: Uint8Array): { shape: number[]; data: number[] } => {
  const { shape, data } = decodeNpy(bytes);
  return { shape: [...shape], data: Array.from(data) };
};

test.each([
  ['|i1', Int8Array.of(1, -2, 127), [1, -2, 127]],
  ['|u1', Uint8Array.of(1, 2, 255), [1, 2, 255]],
  ['<i2', Int16Array.of(1, -2, 32_767), [1, -2, 32_767]],
  ['<u2', Uint16Array.of(1, 2, 65_535), [1, 2, 65_535]],
  ['<i4', Int32Array.of(1, -2, 2 ** 31 - 1), [1, -2, 2 ** 31 - 1]],
  ['<u4', Uint32Array.of(1, 2, 2 ** 32 - 1), [1, 2, 2 ** 32 - 1]],
  ['<i8', BigInt64Array.of(1n, -2n, 2n ** 53n - 1n), [1, -2, 2 ** 53 - 1]],
  ['<u8', BigUint64Array.of(1n, 2n, 2n ** 53n - 1n), [1, 2, 2 ** 53 - 1]],
])('an array of %s is read', (descr, values, data) => {
  expect(plain(npy(header(descr, '(3,)'), bytesOf(values)))).toEqual({ shape: [3], data });
});

test('Fortran order is turned into C order', () => {
  const columns = bytesOf(Int16Array.of(1, 4, 2, 5, 3, 6));
  expect(plain(npy(header('<i2', '(2, 3)', 'True'), columns))).toEqual({
    shape: [2, 3],
    data: [1, 2, 3, 4, 5, 6],
  });
  expect(plain(npy(header('<i2', '(6,)', 'True'), columns)).data).toEqual([1, 4, 2, 5, 3, 6]);
});

test('versions 2.0 and 3.0 are read', () => {
  for (const version of [2, 3]) {
    expect(plain(npy(header('|u1', '(2,)'), Uint8Array.of(7, 8), version)).data).toEqual([7, 8]);
  }
});

test('a view into a larger buffer is read, at any alignment', () => {
  const file = npy(header('<i8', '(2,)'), bytesOf(BigInt64Array.of(5n, 6n)));
  for (let before = 0; before < 9; before += 1) {
    const buffer = new Uint8Array(before + file.length + 13).fill(0xee);
    buffer.set(file, before);
    expect(plain(buffer.subarray(before, before + file.length)).data).toEqual([5, 6]);
  }
});

test.each([
  ['other order', "{'shape': (1,), 'fortran_order': False, 'descr': '|u1'}\n"],
  ['double quotes', '{"descr": "|u1", "fortran_order": False, "shape": (1,)}\n'],
  ['no spaces', "{'descr':'|u1','fortran_order':False,'shape':(1,)}"],
  ['many spaces', "{ 'descr' : '|u1' , 'fortran_order' : False , 'shape' : ( 1 , ) , }   \n"],
])('a header with %s is read', (_, text) => {
  expect(plain(npy(text, Uint8Array.of(9)))).toEqual({ shape: [1], data: [9] });
});

test('an array without dimensions and an empty one are read', () => {
  expect(plain(npy(header('|u1', '()'), Uint8Array.of(9)))).toEqual({ shape: [], data: [9] });
  expect(plain(npy(header('|u1', '(0, 4)'), new Uint8Array(0)))).toEqual({
    shape: [0, 4],
    data: [],
  });
});

describe('a faulty file is refused', () => {
  const one = Uint8Array.of(1);

  test.each([
    ['big-endian', '>i8', 'big endian (>i8)'],
    ['float', '<f4', 'holds floats (<f4)'],
    ['double', '<f8', 'holds floats (<f8)'],
    ['big-endian float', '>f4', 'holds floats (>f4)'],
    ['boolean', '|b1', 'is of |b1'],
    ['complex', '<c8', 'is of <c8'],
    ['object', '|O', 'is of |O'],
    ['text', '<U5', 'is of <U5'],
    ['unknown', 'evil"; (', 'is of a structured type'],
  ])('%s elements, by name', (_, descr, fault) => {
    expect(() => decodeNpy(npy(header(descr, '(1,)'), one))).toThrow(fault);
    expect(() => decodeNpy(npy(header(descr, '(1,)'), one))).toThrow('save the array as');
  });

  test.each([
    ['no dictionary', 'print(1)'],
    ['a call', "{'descr': '|u1', 'fortran_order': False, 'shape': tuple([1])}"],
    ['a missing key', "{'descr': '|u1', 'fortran_order': False}"],
    ['a key twice', "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}"],
    ['another key', "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'x': 'y'}"],
    ['values of the wrong kind', "{'descr': (1,), 'fortran_order': '|u1', 'shape': True}"],
    ['a structured type', "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,)}"],
    ['a negative dimension', "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}"],
    ['a long dimension', "{'descr': '|u1', 'fortran_order': False, 'shape': (9999999999999999,)}"],
    ['an empty dimension', "{'descr': '|u1', 'fortran_order': False, 'shape': (1,,1)}"],
    ['a bare number for a tuple', "{'descr': '|u1', 'fortran_order': False, 'shape': (1)}"],
    ['no comma', "{'descr': '|u1' 'fortran_order': False, 'shape': (1,)}"],
    ['text after it', "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} + {}"],
    ['two of it', "{'descr': '|u1'}{'fortran_order': False, 'shape': (1,)}"],
  ])('a header with %s', (_, text) => {
    expect(() => decodeNpy(npy(text, one))).toThrow(/header is not a dictionary/);
  });

  test('sizes are checked before anything is allocated', () => {
    const huge = header('<i8', '(999999999999999, 999999999999999)');
    expect(() => decodeNpy(npy(huge, one))).toThrow('more than the 72000 values');
    const large = header('|u1', `(${NPY_MAX_VALUES + 1},)`);
    expect(() => decodeNpy(npy(large, new Uint8Array(NPY_MAX_VALUES + 1)))).toThrow('more than');
    const most = npy(header('|u1', `(${NPY_MAX_VALUES},)`), new Uint8Array(NPY_MAX_VALUES));
    expect(decodeNpy(most).data.length).toBe(NPY_MAX_VALUES);
    const headerLength = npy(' '.repeat(20_000), one);
    expect(() => decodeNpy(headerLength)).toThrow('no more than 10000');
  });

  test.each([0, 1, 3])('with %i values where the shape says 2', (count) => {
    expect(() => decodeNpy(npy(header('<i4', '(2,)'), new Uint8Array(4 * count)))).toThrow(
      `has ${4 * count} bytes of values; [2] of <i4 needs 8`,
    );
  });

  test('64-bit values that a number can not hold', () => {
    for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)]) {
      const data = bytesOf(BigInt64Array.of(value));
      expect(() => decodeNpy(npy(header('<i8', '(1,)'), data))).toThrow('beyond 2^53');
    }
    const data = bytesOf(BigUint64Array.of(2n ** 64n - 1n));
    expect(() => decodeNpy(npy(header('<u8', '(1,)'), data))).toThrow('beyond 2^53');
  });

  test('another version, another magic, too many dimensions and 3-D Fortran order', () => {
    const file = npy(header('|u1', '(1,)'), one);
    const version = file.slice();
    version[6] = 4;
    expect(() => decodeNpy(version)).toThrow('version 4.0');
    const magic = file.slice();
    magic[0] = 0x92;
    expect(() => decodeNpy(magic)).toThrow('no .npy file');
    expect(() => decodeNpy(npy(header('|u1', '(1,1,1,1,1,1,1,1,1)'), one))).toThrow('9 dimensions');
    expect(() => decodeNpy(npy(header('|u1', '(1, 1, 1)', 'True'), one))).toThrow('in C order');
  });

  test('any truncation, with a RangeError', () => {
    const file = encodeNpy({ shape: [3], data: [1, 2, 3] }, '<i8');
    for (let length = 0; length < file.length; length += 1) {
      expect(() => decodeNpy(file.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
    }
  });
});

describe('what is written', () => {
  test.each(['<i8', '<u2'] as const)('as %s is read back', (descr) => {
    for (const shape of [[], [1], [6], [2, 3], [0], [1, 2, 3]]) {
      const count = shape.reduce((product, dimension) => product * dimension, 1);
      const data = Array.from({ length: count }, (_, i) => i * 9_999);
      expect(plain(encodeNpy({ shape, data }, descr))).toEqual({ shape, data });
    }
  });

  test('is what NumPy writes', () => {
    const file = encodeNpy({ shape: [2], data: [1, 258] }, '<u2');
    const text = "{'descr': '<u2', 'fortran_order': False, 'shape': (2,), }".padEnd(117);
    expect(new TextDecoder('latin1').decode(file)).toBe(
      `\u201cNUMPY\u0001\u0000v\u0000${text}\n\u0001\u0000\u0002\u0001`,
    );
  });

  test('must fit the shape and the element type', () => {
    expect(() => encodeNpy({ shape: [2], data: [1] }, '<u2')).toThrow('1 values do not fill');
    for (const value of [-1, 65_536, 1.5, Number.NaN]) {
      expect(() => encodeNpy({ shape: [1], data: [value] }, '<u2')).toThrow('<u2 can not hold it');
    }
    expect(() => encodeNpy({ shape: [1], data: [2 ** 53] }, '<i8')).toThrow('<i8 can not hold it');
    expect(plain(encodeNpy({ shape: [1], data: [-(2 ** 53) + 1] }, '<i8')).data).toEqual([
      -(2 ** 53) + 1,
    ]);
  });
});
