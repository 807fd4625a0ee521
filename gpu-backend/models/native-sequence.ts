/** A sequence and the row of a cache that it has from its first call on. */
import type { PromptPart, Sequence } from '../pipeline/models.ts';
import type { RowRunner } from './row-runner.ts';

/** A row of a slab, while a sequence has it. */
export class Place {
  readonly runner: RowRunner;
  readonly row: number;
  readonly leave: () => void;

  constructor(runner: RowRunner, row: number, leave: () => void) {
    this.runner = runner;
    this.row = row;
    this.leave = leave;
  }

  get length(): number {
    return this.runner.slab.lengths[this.row] ?? 0;
  }
}

/** Appends to a sequence; answers its scores. */
type Append = (
  sequence: NativeSequence,
  parts: readonly PromptPart[],
  signal: AbortSignal,
) => Promise<Float32Array>;

export class NativeSequence implements Sequence {
  readonly #append: Append;
  /** Null before the first call. */
  place: Place | null = null;
  isClosed = false;
  #isWaiting = false;

  constructor(append: Append) {
    this.#append = append;
  }

  async append(parts: readonly PromptPart[], signal: AbortSignal): Promise<Float32Array> {
    signal.throwIfAborted();
    if (this.isClosed) throw new Error('The sequence is closed.');
    if (this.#isWaiting) throw new Error('The sequence is being appended to already.');
    this.#isWaiting = true;
    try {
      return await this.#append(this, parts, signal);
    } finally {
      this.#isWaiting = false;
    }
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.place?.leave();
    this.place = null;
  }
}
