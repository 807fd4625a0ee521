/** docs/complaints.md names tests; they are there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const rows = read('docs/complaints.md')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.slice(2, -2).split(' | '));

test.each(rows)('%s: %s', (_complaint, _answer, shownBy) => {
  const named = [...(shownBy ?? '').matchAll(/`([^`]+)`: "([^"]+)"/g)];
  expect(named.length).toBeGreaterThan(0);
  // nothing stands there that is not read here
  expect(named.map(([whole]) => whole).join('; ')).toBe(shownBy);
  for (const [, path = '', name = ''] of named) {
    const titles = read(path).match(/(['"`])(?:(?!\1).)+\1/g) ?? [];
    expect(
      titles.some((title) => title.includes(name)),
      `${path} has no test "${name}"`,
    ).toBe(true);
  }
});
