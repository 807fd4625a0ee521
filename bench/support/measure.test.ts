import { expect, test } from 'vitest';
import { alternate, turns } from './measure.ts';
import { quantile } from './quantile.ts';
import { markdown } from './table.ts';

test('every other round runs backwards', () => {
  expect([...turns(['a', 'b', 'c'], 3)].join('')).toBe('abccbaabc');
});

test('each variant is run once to warm up and once a round', async () => {
  const calls: string[] = [];
  const variant = (name: string) => ({ name, run: () => void calls.push(name) });
  const measured = await alternate([variant('a'), variant('b')], 2);
  expect(calls.join('')).toBe('ababba');
  expect(measured.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(measured[0]?.timesFaster).toBe(1);
});

test('a quantile lies between its neighbours', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3], 0.95)).toBeCloseTo(2.9);
  expect(quantile([7], 0.95)).toBe(7);
  expect(quantile([], 0.5)).toBeNaN();
});

test('a table has a column for every key and an empty cell where a row lacks it', () => {
  expect(
    markdown([
      { a: 'x', b: 1_234.5 },
      { a: 'y', c: 0.123456 },
    ]),
  ).toBe('| a | b | c |\n| --- | --- | --- |\n| x | 1,235 |  |\n| y |  | 0.123 |');
});
