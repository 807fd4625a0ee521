/** What all files that are being made in an isolate may hold together, in bytes, by what each is expected to have. */
export class FileBudget {
  readonly #maxBytes: number;
  #reservedBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get reservedBytes(): number {
    return this.#reservedBytes;
  }

  /** False when there is no room; one by itself always has it. */
  reserve(bytes: number): boolean {
    if (this.#reservedBytes > 0 && this.#reservedBytes + bytes > this.#maxBytes) return false;
    this.#reservedBytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#reservedBytes -= bytes;
  }
}
