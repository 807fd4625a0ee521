/**
 * Progress on the error stream: on a terminal one line that is rewritten, elsewhere a plain line now and
 * then, so that a log stays readable.
 */
import type { Terminal } from './terminal.ts';
import { formatBytes, formatClock } from './units.ts';

const MOST_BAR_CELLS = 24;
const FEWEST_BAR_CELLS = 6;
const REDRAW_INTERVAL_MS = 100;
/** Between two plain lines. */
const PLAIN_INTERVAL_MS = 10_000;

// ECMA-48 section 8.3.41: erase the line
const ERASE_LINE = '\r\u001b[2K';

export class Progress {
  readonly #terminal: Terminal;
  readonly #beganMs: number;
  #shownMs: number;
  #isLineOpen = false;
  #first: { readonly atMs: number; readonly movedBytes: number } | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#beganMs = terminal.now();
    this.#shownMs = this.#beganMs - REDRAW_INTERVAL_MS;
  }

  /** Shows how far something is whose size is known; `movedBytes` of what is done took time, all unless told. */
  bytes(label: string, doneBytes: number, totalBytes: number, movedBytes = doneBytes): void {
    const nowMs = this.#terminal.now();
    this.#first ??= { atMs: nowMs, movedBytes };
    if (!this.#isDue(nowMs)) return;
    const part = totalBytes === 0 ? 1 : doneBytes / totalBytes;
    const percent = `${Math.floor(part * 100)} %`.padStart(5);
    const sizes = `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
    // what was there before does not count as speed
    const perMs = (movedBytes - this.#first.movedBytes) / (nowMs - this.#first.atMs);
    const pace =
      perMs > 0 && Number.isFinite(perMs)
        ? `  ${formatBytes(perMs * 1_000)}/s  ${formatClock((totalBytes - doneBytes) / perMs / 1_000)} left`
        : '';
    const text = `${percent}  ${sizes}${pace}`;
    this.#show(`${label} ${this.#bar(part, label.length + text.length)}${text}`);
  }

  /** Shows a line of the caller's making; only on a terminal. */
  status(text: string): void {
    if (this.#terminal.isErrTerminal && this.#isDue(this.#terminal.now())) this.#show(text);
  }

  /** A line that stays, above what moves. */
  note(text: string): void {
    this.clear();
    this.#terminal.err(`${text}\n`);
  }

  /** Takes the moving line away. */
  clear(): void {
    if (this.#isLineOpen) this.#terminal.err(ERASE_LINE);
    this.#isLineOpen = false;
  }

  /** As long as there is room beside `textLength` characters. */
  #bar(part: number, textLength: number): string {
    const room = this.#terminal.columns() - textLength - '[]'.length - 3;
    const cells = Math.min(MOST_BAR_CELLS, room);
    if (!this.#terminal.isErrTerminal || cells < FEWEST_BAR_CELLS) return '';
    const full = Math.round(part * cells);
    return `[${'='.repeat(full)}${' '.repeat(cells - full)}] `;
  }

  #isDue(nowMs: number): boolean {
    const intervalMs = this.#terminal.isErrTerminal ? REDRAW_INTERVAL_MS : PLAIN_INTERVAL_MS;
    const isDue = nowMs - this.#shownMs >= intervalMs;
    if (isDue) this.#shownMs = nowMs;
    return isDue;
  }

  #show(text: string): void {
    if (!this.#terminal.isErrTerminal) {
      this.#terminal.err(`${text}\n`);
      return;
    }
    // a line that wraps could not be erased
    this.#terminal.err(`${ERASE_LINE}${text.slice(0, this.#terminal.columns() - 1)}`);
    this.#isLineOpen = true;
  }
}
