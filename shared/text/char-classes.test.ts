import { expect, test } from 'vitest';
import { CHAR_CLASS, charClass } from './char-classes.ts';

test.each([
  ['a letter', 0x61, 'letter'],
  ['a digit', 0x30, 'letter'],
  ['kana', 0x3042, 'letter'],
  ['hangul', 0xac00, 'letter'],
  ['a combining accent', 0x301, 'letter'],
  ['an emoji', 0x1f600, 'letter'],
  ['a newer ideograph outside the table', 0x2b820, 'letter'],
  ['a newer punctuation mark', 0x2e43, 'letter'],
  ['the last code point', 0x10ffff, 'letter'],
  ['NUL', 0, 'drop'],
  ['vertical tab', 0x0b, 'drop'],
  ['the soft hyphen', 0xad, 'drop'],
  ['the zero-width joiner', 0x200d, 'drop'],
  ['the replacement character', 0xfffd, 'drop'],
  ['a high surrogate', 0xd800, 'drop'],
  ['a low surrogate', 0xdfff, 'drop'],
  ['private use', 0xe000, 'drop'],
  ['the last private use', 0x10fffd, 'drop'],
  ['tab', 0x09, 'space'],
  ['the no-break space', 0xa0, 'space'],
  ['the ideographic space', 0x3000, 'space'],
  ['the first ideograph', 0x4e00, 'cjk'],
  ['the last ideograph', 0x9fff, 'cjk'],
  ['an ideograph beyond the BMP', 0x20000, 'cjk'],
  ['an ASCII symbol', 0x24, 'punctuation'],
  ['the danda', 0x964, 'punctuation'],
  ['the ideographic full stop', 0x3002, 'punctuation'],
  ['the Canadian full stop', 0x166e, 'punctuation'],
] as const)('%s (%i) is of class %s', (_, codePoint, name) => {
  expect(charClass(codePoint)).toBe(CHAR_CLASS[name]);
});

test('the classes have as many code points as were measured', () => {
  const counts = [0, 0, 0, 0, 0];
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
    const found = charClass(codePoint);
    counts[found] = (counts[found] ?? 0) + 1;
  }
  const { drop, space, cjk, punctuation } = CHAR_CLASS;
  expect([drop, space, cjk, punctuation].map((kind) => counts[kind])).toEqual([
    139_729, 22, 81_264, 726,
  ]);
});
