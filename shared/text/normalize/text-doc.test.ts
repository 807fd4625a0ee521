/** The page on texts says what the code does. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SPOKEN_LANGUAGES } from './languages.ts';
import { normalizeText } from './normalize-text.ts';

const page = readFileSync(new URL('../../../docs/text.md', import.meta.url), 'utf8');

/** Cells of the rows whose first head cell is this. */
function table(head: string): string[][] {
  const lines = page.split('\n');
  const rows = lines.slice(lines.findIndex((line) => line.startsWith(`| ${head} |`)) + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim().replaceAll(/^`|`$/gu, '').replaceAll('↵', '\n')),
    );
}

const inEveryLanguage = table('written').map(([written = '', read = '']) => ['en', written, read]);
const inWords = table('language').map(([language = '', written = '', read = '']) => [
  language,
  written,
  read,
]);

test.each([...inEveryLanguage, ...inWords])('%s: %s is read as %s', (language, written, read) => {
  const { text } = normalizeText(written ?? '', { language: language ?? '', mode: 'auto' });
  expect(text.trim()).toBe(read);
});

test('it has every language', () => {
  expect(inEveryLanguage.length).toBeGreaterThan(8);
  expect(new Set(inWords.map(([language]) => language))).toEqual(new Set(SPOKEN_LANGUAGES.keys()));
});
