import { expect, test } from 'vitest';
import { BARS, isMet, verdicts, type Bar } from './bars.ts';

test('every bar has one limit', () => {
  for (const { atLeast, atMost } of Object.values<Bar>(BARS))
    expect([atLeast, atMost].filter((limit) => limit !== undefined)).toHaveLength(1);
});

test('a limit itself is enough, beyond it is not', () => {
  expect(isMet(BARS.decodeStepMs, 11)).toBe(true);
  expect(isMet(BARS.decodeStepMs, 11.01)).toBe(false);
  expect(isMet(BARS.rowsOf8, 2.5)).toBe(true);
  expect(isMet(BARS.rowsOf8, 2.49)).toBe(false);
  expect(isMet(BARS.rowsOf8, Number.NaN)).toBe(false);
});

test('every bar has a line; one that was not measured says so', () => {
  const lines = verdicts({ decodeStepMs: 8.123, smallResidentMb: 1_300 });
  expect(lines).toHaveLength(Object.keys(BARS).length);
  const metOf = (bar: string) => lines.find((line) => line.bar === bar);
  expect(metOf(BARS.decodeStepMs.what)).toMatchObject({
    asked: '<= 11 ms',
    measured: '8.12 ms',
    met: 'yes',
  });
  expect(metOf(BARS.smallResidentMb.what)).toMatchObject({ measured: '1300 MB', met: 'no' });
  expect(metOf(BARS.rowsOf8.what)).toMatchObject({ measured: '', met: 'not measured' });
});
