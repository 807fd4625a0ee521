import { expect, test } from 'vitest';
import { shortLine } from './short-line.ts';

test.each([
  ['{"event":"spoken","at":"2026-01-01","socket":1,"voice":null}', 'spoken socket=1'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['{"event":', '{"event":'],
  ['plain  ', 'plain'],
  [' ', null],
])('%s is shown as %s', (line, expected) => {
  expect(shortLine(line)).toBe(expected);
});
