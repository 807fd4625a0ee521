/**
 * A file while it is made: its bytes so far, read by any number from any place that is there or will be. Once it is kept,
 * whoever is not through yet reads on from there, so that a slow reader holds no memory.
 */
import { joinBytes } from '#shared/audio/join-bytes.ts';

/** The bytes of the kept file from `first`, up to and with `last`. */
type ReadKept = (first: number, last: number) => AsyncIterable<Uint8Array>;

export class LiveFile {
  readonly #maxBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #end: { readonly error?: unknown } | undefined;
  #waiting: (() => void)[] = [];
  #kept: ReadKept | undefined;

  /** Throws beyond so many bytes. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  append(chunk: Uint8Array): void {
    if (this.#size + chunk.byteLength > this.#maxBytes) {
      throw new RangeError(`a file of more than ${this.#maxBytes} bytes`);
    }
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    this.#wake();
  }

  end(): void {
    this.#end = {};
    this.#wake();
  }

  /** Nothing more of it is read. */
  fail(error: unknown): void {
    this.#end = { error };
    this.#chunks.length = 0;
    this.#wake();
  }

  /** All bytes, of a file that has ended; what is changed in them is what readers get. */
  bytes(): Uint8Array<ArrayBuffer> {
    const whole = joinBytes(this.#chunks);
    let at = 0;
    for (const [i, { byteLength }] of this.#chunks.entries()) {
      this.#chunks[i] = whole.subarray(at, at + byteLength);
      at += byteLength;
    }
    return whole;
  }

  /** The same bytes are read from there from now on, and not held here. */
  handOver(kept: ReadKept): void {
    this.#kept = kept;
    this.#chunks.length = 0;
    this.#wake();
  }

  /** The bytes from `first`, up to and with `last` where it is given; waits for what is not there yet. */
  async *read(first = 0, last = Infinity): AsyncGenerator<Uint8Array, void, undefined> {
    let chunkStart = 0;
    for (let i = 0; chunkStart <= last;) {
      if (this.#kept !== undefined) {
        const from = Math.max(first, chunkStart);
        if (from < this.#size) yield* this.#kept(from, Math.min(last, this.#size - 1));
        return;
      }
      const chunk = this.#chunks[i];
      if (chunk === undefined) {
        if (this.#end !== undefined) {
          if ('error' in this.#end) throw this.#end.error;
          return;
        }
        await new Promise<void>((resolve) => {
          this.#waiting.push(resolve);
        });
        continue;
      }
      const wanted = chunk.subarray(Math.max(0, first - chunkStart), last - chunkStart + 1);
      chunkStart += chunk.byteLength;
      i += 1;
      if (wanted.byteLength > 0) yield wanted;
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
