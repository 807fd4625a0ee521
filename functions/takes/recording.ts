/**
 * One sentence's audio while it is made, read by any number from its beginning, the fastest of whom drives the source. It
 * is kept whole as long as the budget has room; then it holds what somebody is still to hear, and nobody can join any more.
 */
import { SpeechFault } from '#shared/errors.ts';
import type { SpokenSentence } from '../backend/synthesizer.ts';
import type { RecordingBudget } from './recording-budget.ts';

/** Where there is no room at all, the fastest reader waits so long for the slowest of the same recording. */
const SLOWEST_PATIENCE_MS = 60_000;

const TOO_FAR_APART =
  'Too much is being spoken here, and another listener of this sentence is too slow; ask again.';

/** One reader's place in it. */
export interface RecordingReader {
  /** The next piece, null after the last; belongs to all readers. */
  read(): Promise<Int16Array | null>;
  /** Idempotent. */
  leave(): void;
}

export class Recording {
  readonly #source: Promise<SpokenSentence>;
  readonly #budget: RecordingBudget;
  readonly #patienceMs: number;
  /** Those that are held. */
  readonly #pieces: Int16Array[] = [];
  /** Which piece each reader takes next, counted from the first of all. */
  readonly #places = new Map<RecordingReader, number>();
  readonly #closed = new AbortController();
  #droppedPieces = 0;
  #isWhole = true;
  #isPinned = false;
  #hasEnded = false;
  /** Why nothing comes after what is held. */
  #failure: { readonly error: unknown } | undefined;
  #reading: Promise<void> | undefined;

  /** What it holds is of the budget until its last reader has left. */
  constructor(
    source: Promise<SpokenSentence>,
    budget: RecordingBudget,
    { patienceMs = SLOWEST_PATIENCE_MS } = {},
  ) {
    this.#source = source;
    this.#budget = budget;
    this.#patienceMs = patienceMs;
    budget.add(this);
  }

  /** Whether nothing of it was dropped: it can be joined, and kept once it has ended. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  get readers(): number {
    return this.#places.size;
  }

  /** A reader from the beginning; of a recording that is whole. */
  join(): RecordingReader {
    if (!this.#isWhole) throw new RangeError('the beginning of this recording was dropped');
    const reader: RecordingReader = {
      read: () => this.#read(reader),
      leave: () => this.#leave(reader),
    };
    this.#places.set(reader, 0);
    return reader;
  }

  /** All pieces of a recording that is whole and has ended, held until `unpin`; else null. */
  pin(): readonly Int16Array[] | null {
    if (!this.#isWhole || !this.#hasEnded) return null;
    this.#isPinned = true;
    this.#budget.remove(this);
    return this.#pieces;
  }

  /** It was kept, or could not be: what was heard can go. */
  unpin(): void {
    this.#isPinned = false;
    this.shed();
  }

  shed(): void {
    this.#isWhole = false;
    this.#budget.remove(this);
    this.#dropHeard();
  }

  async #read(reader: RecordingReader): Promise<Int16Array | null> {
    for (;;) {
      const place = this.#places.get(reader);
      if (place === undefined) throw new SpeechFault('cancelled', 'The reader has gone.');
      const piece = this.#pieces[place - this.#droppedPieces];
      if (piece !== undefined) {
        this.#places.set(reader, place + 1);
        this.#dropHeard();
        return piece;
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#hasEnded) return null;
      await (this.#reading ??= this.#readOne());
    }
  }

  #leave(reader: RecordingReader): void {
    if (!this.#places.delete(reader)) return;
    if (this.#places.size > 0 || this.#isPinned) return this.#dropHeard();
    this.#closed.abort();
    this.shed();
  }

  async #readOne(): Promise<void> {
    try {
      const piece = await (await this.#source).read();
      if (piece === null) this.#hasEnded = true;
      else await this.#hold(piece);
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#reading = undefined;
    }
  }

  async #hold(piece: Int16Array): Promise<void> {
    const { signal } = this.#closed;
    let patience: AbortSignal | undefined;
    while (!signal.aborted && !this.#mayHold(piece.byteLength)) {
      patience ??= AbortSignal.timeout(this.#patienceMs);
      if (patience.aborted) throw new SpeechFault('timeout', TOO_FAR_APART);
      await this.#budget.change(AbortSignal.any([signal, patience]));
    }
    if (signal.aborted) return;
    this.#pieces.push(piece);
    this.#budget.take(piece.byteLength);
  }

  /** A single piece may always pass; beyond it there has to be room, or the fastest waits for the slowest. */
  #mayHold(bytes: number): boolean {
    const passes = (): boolean => !this.#isWhole && this.#pieces.length === 0;
    return passes() || this.#budget.makeRoom(bytes) || passes();
  }

  #dropHeard(): void {
    if (this.#isWhole || this.#isPinned) return;
    const heard = Math.min(this.#droppedPieces + this.#pieces.length, ...this.#places.values());
    const dropped = this.#pieces.splice(0, heard - this.#droppedPieces);
    this.#droppedPieces = heard;
    this.#budget.giveBack(dropped.reduce((sum, { byteLength }) => sum + byteLength, 0));
  }
}
