/** Rows as aligned columns, numbers to the right. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) =>
    Math.max(...all.map((row) => Array.from(String(row[column] ?? '')).length)),
  );
  const lines = all.map((row) =>
    widths
      .map((width, column) => {
        const text = String(row[column] ?? '');
        const isNumber =
          rows.length > 0 && rows.every((one) => /^[\d\s.]*$/.test(String(one[column] ?? '')));
        const gap = ' '.repeat(width - Array.from(text).length);
        return isNumber ? gap + text : text + gap;
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
