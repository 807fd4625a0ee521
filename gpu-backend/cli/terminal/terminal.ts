/** Where a command reads and writes; the process in production, arrays in tests. */
import type { Readable } from 'node:stream';

export interface Terminal {
  /** Results: what another program may read. */
  readonly out: (bytes: string | Uint8Array) => Promise<void>;
  /** Notes and progress, for people. */
  readonly err: (text: string) => void;
  readonly stdin: Readable;
  /** Whether someone types there. */
  readonly isStdinTerminal: boolean;
  /** Whether `err` is a terminal whose line can be rewritten. */
  readonly isErrTerminal: boolean;
  /** Width of that terminal. */
  readonly columns: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}
