/**
 * Progress on the error stream: on a terminal one line that is rewritten, elsewhere a plain line now and
 * then, so that a log stays readable.
 */
import type { Terminal } from './terminal.ts';
import { formatBytes, formatClock } from './units.ts';

const BAR_CELLS = 24;
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
  #first: { readonly atMs: number; readonly bytes: number } | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#beganMs = terminal.now();
    this.#shownMs = this.#beganMs - REDRAW_INTERVAL_MS;
  }

  /** Shows how far something is whose size is known. */
  bytes(label: string, doneBytes: number, totalBytes: number): void {
    const nowMs = this.#terminal.now();
    this.#first ??= { atMs: nowMs, bytes: doneBytes };
    if (!this.#isDue(nowMs)) return;
    const part = totalBytes === 0 ? 1 : doneBytes / totalBytes;
    const percent = `${Math.floor(part * 100)} %`.padStart(5);
    const sizes = `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
    // what was there before does not count as speed
    const perMs = (doneBytes - this.#first.bytes) / (nowMs - this.#first.atMs);
    const pace =
      perMs > 0 && Number.isFinite(perMs)
        ? `  ${formatBytes(perMs * 1_000)}/s  ${formatClock((totalBytes - doneBytes) / perMs / 1_000)} left`
        : '';
    const full = Math.round(part * BAR_CELLS);
    const bar = this.#terminal.isErrTerminal
      ? `[${'='.repeat(full)}${' '.repeat(BAR_CELLS - full)}] `
      : '';
    this.#show(`${label} ${bar}${percent}  ${sizes}${pace}`);
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
