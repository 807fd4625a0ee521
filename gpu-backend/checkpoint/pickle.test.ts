import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBufferPromise } from 'yauzl';
import { describe, expect, test } from 'vitest';
import { CheckpointError } from './checkpoint-error.ts';
import { unpickleDict } from './pickle.ts';
import { corrupted } from './test-support.ts';

const pickle = await pickleOf('state-dict.bin');

describe('unpickleDict', () => {
  test('reads names, types, shapes and views of a state dict', () => {
    const { entries } = unpickleDict(pickle);
    expect(Array.from(entries.keys())).toEqual([
      'plain', 'half', 'bfloat', 'transposed', 'slice', 'parameter',
      'scalar', 'empty', 'mask', 'counter', 'tied_a', 'tied_b',
    ]); // prettier-ignore
    expect(entries.get('plain')).toMatchObject({
      offset: 0,
      shape: [2, 3, 4],
      strides: [12, 4, 1],
    });
    expect(entries.get('transposed')).toMatchObject({ shape: [6, 4], strides: [1, 6] });
    expect(entries.get('slice')).toMatchObject({ offset: 5, shape: [4], strides: [1] });
    expect(entries.get('half')).toMatchObject({ storage: { dtype: 'F16', elements: 4 } });
    expect(entries.get('mask')).toMatchObject({ storage: { dtype: null } });
    expect(entries.get('tied_a')).toEqual(entries.get('tied_b'));
  });

  test.each([
    ['a shell', 'cos\nsystem\n', 'os.system'],
    ['an import of builtins', 'c__builtin__\neval\n', '__builtin__.eval'],
    ['a tensor type beyond the five', 'ctorch\nComplexFloatStorage\n', 'torch.ComplexFloatStorage'],
    ['an unknown opcode', '\x93', 'opcode 0x93'],
    ['a number as text', 'I1\n', 'opcode 0x49'],
    ['a list', ']', 'opcode 0x5d'],
    ['what was never stored', 'h\x05', 'value 5'],
    ['a call of a storage', 'ctorch\nFloatStorage\n)R', 'called'],
    ['a tuple without mark', 't', 'mark'],
    ['an end on an empty stack', '.', 'empty'],
    ['an item for nothing', ')K\x01K\x02s', 'not a dict'],
    ['a number as key', '}K\x01K\x02s.', 'not a text'],
    ['a state for a tuple', ')}b', 'builds an object'],
    ['arguments for a dict', 'ccollections\nOrderedDict\nK\x01\x85R', 'with arguments'],
    ['text beyond the end', 'X\xff\x00\x00\x00a', 'ends too early'],
    ['text of two gigabytes', 'X\xff\xff\xff\x7fa', 'has 2147483647 bytes'],
    ['a name without end', 'ctorch', 'does not end'],
    ['a number of 255 bytes', '\x8a\xff', '255 bytes'],
    ['no end', '}', 'ends too early'],
    ['a bare number', 'K\x01.', 'not hold a dict'],
    ['protocol 4', '\x80\x04}.', 'protocol 4'],
  ])('refuses %s', (_, stream, fault) => {
    expect(() => unpickleDict(latin1(stream))).toThrow(fault);
    expect(() => unpickleDict(latin1(stream))).toThrow(CheckpointError);
  });

  test.each([
    ['reaches beyond its storage', 4, 1, '\x85'],
    ['begins beyond its storage', 1, 1, '\x85', 9],
    ['repeats one element without end', 255, 0, '\x85'],
    ['has more sizes than strides', 1, 1, ''],
  ])('refuses a tensor that %s', (_, size, stride, pack, offset = 0) => {
    const storage =
      '(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x03tQ';
    const bytes = (value: number): string => `K${String.fromCharCode(value)}`;
    const stream = `ctorch._utils\n_rebuild_tensor_v2\n(${storage}${bytes(offset)}${bytes(size)}\x85${bytes(stride)}${pack}\x89}tR.`;
    expect(() => unpickleDict(latin1(stream))).toThrow(CheckpointError);
  });

  test('a tower of tuples costs no more than its bytes', () => {
    // each pair holds the one before twice: 2^10000 leaves if anything walked them
    const stream = `)${'q\x00h\x00\x86'.repeat(10_000)}.`;
    expect(() => unpickleDict(latin1(stream))).toThrow('not hold a dict');
  });

  test.each(['}', '(', '\x85', 'q\0'])('a stream of %j without end is given up', (opcode) => {
    expect(() => unpickleDict(latin1(`)${opcode.repeat(600_000)}`))).toThrow('500000 opcodes');
  });

  test('any of 600 damaged streams is read or refused, never more', () => {
    for (let seed = 0; seed < 600; seed += 1) {
      try {
        unpickleDict(corrupted(pickle, seed));
      } catch (error) {
        expect(error, `seed ${seed}`).toBeInstanceOf(CheckpointError);
      }
    }
  });
});

async function pickleOf(file: string): Promise<Uint8Array> {
  const zip = await fromBufferPromise(readFileSync(join(import.meta.dirname, 'fixtures', file)));
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.endsWith('data.pkl')) continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
  throw new Error(`${file} has no pickle`);
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
