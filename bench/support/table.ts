/** What a bench hands over: figures in rows, as Markdown for people and as JSON for programs. */
import type { Reached } from './bars.ts';

export type Cell = string | number;
/** Column name (with its unit) to figure. */
export type Row = Readonly<Record<string, Cell>>;

export interface Table {
  /** Which bench made it. */
  readonly what: string;
  /** What was measured, and how it is to be read. */
  readonly title: string;
  readonly rows: readonly Row[];
  /** The bars that these figures speak about. */
  readonly reached?: Reached;
}

/** A Markdown table; a cell that a row lacks is empty. */
export function markdown(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((column) => cellText(row[column] ?? '')))),
  ].join('\n');
}

/** Four significant digits at most. */
function cellText(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  if (!Number.isFinite(cell)) return '-';
  if (Number.isInteger(cell) || Math.abs(cell) >= 1_000)
    return Math.round(cell).toLocaleString('en');
  return Number(cell.toPrecision(3)).toString();
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
