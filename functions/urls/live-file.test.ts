import { describe, expect, test } from 'vitest';
import { LiveFile } from './live-file.ts';

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<number[]> {
  const all: number[] = [];
  for await (const chunk of chunks) all.push(...chunk);
  return all;
}

function fileOf(...chunks: number[][]): LiveFile {
  const file = new LiveFile(100);
  for (const chunk of chunks) file.append(Uint8Array.from(chunk));
  return file;
}

describe('a file while it is made', () => {
  test('is read whole by those who come early and those who come late', async () => {
    const file = fileOf([1, 2, 3]);
    const early = bytesOf(file.read());
    file.append(Uint8Array.of(4));
    const middle = bytesOf(file.read());
    file.append(Uint8Array.of(5, 6));
    file.end();
    const late = bytesOf(file.read());
    for (const reading of [early, middle, late]) expect(await reading).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...file.bytes()]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test.each([
    [0, 1, [1, 2]],
    [2, 2, [3]],
    [1, 3, [2, 3, 4]],
    [2, 4, [3, 4, 5]],
    [4, 99, [5]],
    [7, 9, []],
  ])('is read from %i to %i', async (first, last, expected) => {
    const file = fileOf([1, 2, 3], [], [4, 5]);
    file.end();
    expect(await bytesOf(file.read(first, last))).toEqual(expected);
  });

  test('gives a range that is there before the end is', async () => {
    expect(await bytesOf(fileOf([1, 2, 3]).read(0, 1))).toEqual([1, 2]);
  });

  test('that is kept is read on from there', async () => {
    const file = fileOf([1, 2, 3], [4, 5]);
    const [slow, part] = [file.read(), file.read(1, 3)];
    expect([...((await slow.next()).value ?? [])]).toEqual([1, 2, 3]);
    expect([...((await part.next()).value ?? [])]).toEqual([2, 3]);
    file.end();
    const whole = file.bytes();
    const asked: number[][] = [];
    file.handOver(async function* kept(first, last) {
      asked.push([first, last]);
      yield whole.slice(first, last + 1);
    });
    expect(await bytesOf(slow)).toEqual([4, 5]);
    expect(await bytesOf(part)).toEqual([4]);
    expect(await bytesOf(file.read(5))).toEqual([]);
    expect(asked).toEqual([
      [3, 4],
      [3, 3],
    ]);
  });

  test('whose bytes are changed at its end is read with the change', async () => {
    const file = fileOf([1, 2], [3]);
    file.end();
    file.bytes()[2] = 9;
    expect(await bytesOf(file.read())).toEqual([1, 2, 9]);
  });

  test('tells all readers why it broke off, and holds no more than it may', async () => {
    const file = fileOf([1]);
    const reading = bytesOf(file.read());
    file.fail(new Error('broken'));
    await expect(reading).rejects.toThrow('broken');
    await expect(bytesOf(file.read())).rejects.toThrow('broken');
    expect(() => fileOf([1]).append(new Uint8Array(100))).toThrow('more than 100 bytes');
  });
});
