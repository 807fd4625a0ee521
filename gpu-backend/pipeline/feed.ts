/**
 * Numbers that are still being made: one stage pulls just as many as it needs from the stage before
 * it. Pulling is the schedule: nothing is made before someone further down wants it.
 */
export class Feed {
  readonly #source: AsyncGenerator<ArrayLike<number>, unknown, undefined>;
  #numbers = new Int32Array(256);
  #length = 0;
  #isEnded = false;

  constructor(source: AsyncGenerator<ArrayLike<number>, unknown, undefined>) {
    this.#source = source;
  }

  /** A feed that has everything already. */
  static of(numbers: Int32Array): Feed {
    const feed = new Feed(nothing());
    feed.#numbers = Int32Array.from(numbers);
    feed.#length = numbers.length;
    feed.#isEnded = true;
    return feed;
  }

  /** How many have come. */
  get length(): number {
    return this.#length;
  }

  /** Whether none will come any more. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Numbers from..until - 1 of those that have come; a view that the next pull may leave behind. */
  slice(from: number, until = this.#length): Int32Array {
    return this.#numbers.subarray(from, Math.min(until, this.#length));
  }

  /** Pulls until `count` have come or the source has ended. Calls do not overlap. */
  async atLeast(count: number): Promise<void> {
    while (!this.#isEnded && this.#length < count) {
      const next = await this.#source.next();
      if (next.done === true) this.#isEnded = true;
      else this.#add(next.value);
    }
  }

  /** Ends the source early. */
  async close(): Promise<void> {
    this.#isEnded = true;
    await this.#source.return(undefined);
  }

  #add(numbers: ArrayLike<number>): void {
    const length = this.#length + numbers.length;
    if (length > this.#numbers.length) {
      const larger = new Int32Array(2 * length);
      larger.set(this.slice(0));
      this.#numbers = larger;
    }
    this.#numbers.set(numbers, this.#length);
    this.#length = length;
  }
}

async function* nothing(): AsyncGenerator<ArrayLike<number>, void, undefined> {
  // ends at once
}
