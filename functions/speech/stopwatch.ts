/** How long each step took, in milliseconds, by name and in the order of their ends. */
export class Stopwatch {
  readonly timings: Record<string, number> = {};
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async time<Value>(step: string, work: Promise<Value>): Promise<Value> {
    const start = this.#now();
    const value = await work;
    this.timings[step] = this.#now() - start;
    return value;
  }

  timeSync<Value>(step: string, work: () => Value): Value {
    const start = this.#now();
    const value = work();
    this.timings[step] = this.#now() - start;
    return value;
  }
}
