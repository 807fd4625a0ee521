import { expect, test } from 'vitest';
import { preferredWaitMs } from './prefer-wait.ts';

test.each([
  ['wait=20', 20_000],
  ['respond-async, wait=100', 100_000],
  ['Wait="5"; x', 5_000],
  ['wait=100000', 300_000],
  ['wait=0', null],
  ['wait=soon', null],
  ['await=20', null],
  ['', null],
  [undefined, null],
])('%j is %j', (prefer, ms) => {
  expect(preferredWaitMs(prefer)).toBe(ms);
});
