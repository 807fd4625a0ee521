/** A file while it is made: its bytes so far, read by any number from any place that is there or will be. */
import { joinBytes } from '#shared/audio/join-bytes.ts';

export class LiveFile {
  readonly #maxBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #end: { readonly error?: unknown } | undefined;
  #waiting: (() => void)[] = [];

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

  fail(error: unknown): void {
    this.#end = { error };
    this.#wake();
  }

  /** All bytes; of a file that has ended. */
  bytes(): Uint8Array<ArrayBuffer> {
    return joinBytes(this.#chunks);
  }

  /** The bytes from `first`, up to and with `last` where it is given; waits for what is not there yet. */
  async *read(first = 0, last = Infinity): AsyncGenerator<Uint8Array, void, undefined> {
    let chunkStart = 0;
    for (let i = 0; chunkStart <= last;) {
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
