import { expect, test } from 'vitest';
import { residualQuantizer } from './residual-quantizer.ts';

function codesOf(
  latent: Float32Array,
  codebooks: readonly Float32Array[],
  width: number,
): number[][] {
  const codes: number[][] = codebooks.map(() => []);
  residualQuantizer(codebooks, width)(Float32Array.from(latent), (book, frame, code) => {
    const row = codes[book] ?? [];
    row[frame] = code;
  });
  return codes;
}

test('each codebook describes what the one before it left over', () => {
  const tens = Float32Array.of(0, 0, 10, 0, 0, 10, 10, 10);
  const ones = Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1);
  const latent = Float32Array.of(11, 0.2, 9, 11);
  expect(codesOf(latent, [tens, ones], 2)).toEqual([
    [1, 3],
    [1, 2],
  ]);
});

test('of equally near entries the first is taken', () => {
  const entries = Float32Array.of(5, 1, -1, 1, -1);
  expect(codesOf(Float32Array.of(0, 1, -1), [entries], 1)).toEqual([[1, 1, 2]]);
});

test('entries that float32 can not tell apart are equally near', () => {
  // far from the vector the squares swallow the difference, as they do in the reference
  const entries = Float32Array.of(1.000_1, 1);
  expect(codesOf(Float32Array.of(100_000), [entries], 1)).toEqual([[0]]);
  expect(codesOf(Float32Array.of(0), [entries], 1)).toEqual([[1]]);
});

test('the nearest is the nearest, whatever the length of the entries', () => {
  const entries = Float32Array.from({ length: 64 * 3 }, (_, i) => Math.sin(i * i) * (1 + (i % 7)));
  const latent = Float32Array.from({ length: 30 * 3 }, (_, i) => Math.cos(i * 3) * 4);
  const distance = (frame: number, code: number): number =>
    [0, 1, 2].reduce((sum, i) => sum + (latent[frame * 3 + i]! - entries[code * 3 + i]!) ** 2, 0);
  const [codes = []] = codesOf(latent, [entries], 3);
  codes.forEach((code, frame) => {
    for (let other = 0; other < 64; other += 1) {
      expect(distance(frame, code)).toBeLessThanOrEqual(distance(frame, other) + 1e-4);
    }
  });
  expect(codes.length).toBe(30);
});
