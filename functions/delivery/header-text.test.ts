import { expect, test } from 'vitest';
import { headerText } from './header-text.ts';

test.each([
  ['v2/en_speaker_6', 'v2/en_speaker_6'],
  ['My voice', 'My voice'],
  ['Zoë', 'Zo%C3%AB'],
  ['100%', '100%25'],
  ['a\r\nb', 'a%0D%0Ab'],
  ['\ud800', '%EF%BF%BD'],
])('%j is %s in a header', (name, text) => {
  expect(headerText(name)).toBe(text);
  expect(decodeURIComponent(headerText(name))).toBe(name.toWellFormed());
});
