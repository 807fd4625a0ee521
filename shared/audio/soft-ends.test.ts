import { expect, test } from 'vitest';
import { SOFT_END_MS, SoftEnds } from './soft-ends.ts';

const RATE = 24_000;
const RAMP = (SOFT_END_MS * RATE) / 1_000;

function softened(samples: Int16Array, sizes: readonly number[]): Int16Array {
  const ends = SoftEnds.ofPcm(RATE);
  const pieces: Int16Array[] = [];
  let from = 0;
  for (const size of [...sizes, samples.length]) {
    pieces.push(ends.write(samples.slice(from, from + size)));
    from += size;
  }
  pieces.push(ends.end());
  return Int16Array.from(pieces.flatMap((piece) => Array.from(piece)));
}

test('a sentence begins and ends at zero and is untouched between', () => {
  const soft = softened(new Int16Array(1_000).fill(10_000), []);
  expect(soft).toHaveLength(1_000);
  expect(Math.abs(soft[0] ?? 1)).toBeLessThan(10);
  expect(Math.abs(soft.at(-1) ?? 1)).toBeLessThan(10);
  expect(soft.subarray(RAMP, 1_000 - RAMP).every((sample) => sample === 10_000)).toBe(true);
  const jumps = Array.from(soft, (sample, i) => Math.abs(sample - (soft[i - 1] ?? 0)));
  expect(Math.max(...jumps)).toBeLessThan(200);
});

test.each([[[1, 1, 1]], [[119, 2, 500]], [[120]], [[999]], [[0, 0, 7]]])(
  'any split %j gives the same samples',
  (sizes) => {
    const samples = Int16Array.from({ length: 1_000 }, (_, i) =>
      Math.round(20_000 * Math.sin(i / 5)),
    );
    expect(softened(samples, sizes)).toEqual(softened(samples, []));
  },
);

test.each([0, 1, 50, 130])('%d samples stay so many', (length) => {
  expect(softened(new Int16Array(length).fill(5_000), [])).toHaveLength(length);
});

test('floats go the same way, and are not rounded', () => {
  const samples = Int16Array.from({ length: 1_000 }, (_, i) =>
    Math.round(20_000 * Math.sin(i / 5)),
  );
  const ends = SoftEnds.ofFloats(RAMP);
  const soft = [...ends.write(Float32Array.from(samples)), ...ends.end()];
  const rounded = softened(samples, []);
  expect(soft).toHaveLength(rounded.length);
  expect(Math.max(...soft.map((sample, i) => Math.abs(sample - (rounded[i] ?? 0))))).toBeLessThan(
    0.51,
  );
  expect(soft.some((sample) => !Number.isInteger(sample))).toBe(true);
});
