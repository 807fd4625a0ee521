import { expect, test } from 'vitest';
import { printableError } from '../../gpu-backend/cli/terminal/printable.ts';
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

test.each([
  ['an escape sequence', '\u001b[31mRED', String.raw`\u001b[31mRED`],
  ['a line feed', '/a\nforged', String.raw`"/a\nforged"`],
  ['the escape character of C1', '/\u009b2J', String.raw`/\u009b2J`],
  ['another direction of writing', '/\u202egpj', String.raw`/\u202egpj`],
  ['what looks like another fact', '/a status=200', '"/a status=200"'],
])('%s in a value stays text', (_what, path, expected) => {
  expect(shortLine(JSON.stringify({ event: 'request', path }))).toBe(`request path=${expected}`);
});

test('what escapes in a line that is no JSON stays text', () => {
  expect(shortLine('GET /\u001b]0;title\u0007')).toBe(String.raw`GET /\u001b]0;title\u0007`);
});

test('a message keeps its lines and nothing else', () => {
  expect(printableError(new Error('first\n\u001b[2Jsecond'))).toBe(
    `first\n${String.raw`\u001b[2Jsecond`}`,
  );
});
