/** Tables for people. */
import { printable } from './printable.ts';

/** Longer texts are cut, but for those of the last column. */
const CELL_MAX_CHARACTERS = 60;

/** Rows as aligned columns, numbers to the right; texts may come from anywhere. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const all = [header, ...rows].map((row) =>
    header.map((_, column) => cell(row[column], column === header.length - 1)),
  );
  const columns = header.map((_, column) => {
    const texts = all.map((row) => row[column] ?? '');
    return {
      width: texts.reduce((most, text) => Math.max(most, lengthOf(text)), 0),
      isNumber: rows.length > 0 && texts.slice(1).every((text) => /^[\d\s.]*$/.test(text)),
    };
  });
  const lines = all.map((row) =>
    columns
      .map(({ width, isNumber }, column) => {
        const text = row[column] ?? '';
        const gap = ' '.repeat(width - lengthOf(text));
        return isNumber ? gap + text : text + gap;
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

function cell(value: string | number | undefined, isLast: boolean): string {
  const text = printable(String(value ?? ''));
  return isLast || text.length <= CELL_MAX_CHARACTERS
    ? text
    : `${text.slice(0, CELL_MAX_CHARACTERS - 3)}...`;
}

/** In code points: what a terminal shows beside one another. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}
