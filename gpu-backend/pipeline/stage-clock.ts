/** Knows what each stage of a request has cost: its own time, what it waited for in other stages left out. */
import type { SpeechReport, StageName } from '#shared/protocol/messages.ts';

export type OnProgress = (stage: StageName, step: number) => void;

export class StageClock {
  readonly #now: () => number;
  readonly #onProgress: OnProgress;
  readonly #startMs: number;
  /** Stages that wait for one another, the one at work last. */
  readonly #working: StageName[] = [];
  readonly #ms: Record<StageName, number> = { semantic: 0, coarse: 0, fine: 0, codec: 0 };
  readonly #steps: Record<StageName, number> = { semantic: 0, coarse: 0, fine: 0, codec: 0 };
  #sinceMs = 0;
  #firstAudioMs: number | null = null;

  /** `now` in milliseconds, monotonic. */
  constructor(now: () => number, onProgress: OnProgress) {
    this.#now = now;
    this.#onProgress = onProgress;
    this.#startMs = now();
  }

  /** The same items; their making counts for `stage`, `steps` tells how many steps an item took. */
  async *timed<Item>(
    stage: StageName,
    items: AsyncGenerator<Item, unknown, undefined>,
    steps: (item: Item) => number = () => 1,
  ): AsyncGenerator<Item, void, undefined> {
    try {
      for (;;) {
        this.#enter(stage);
        const next = await items.next().finally(() => this.#leave());
        if (next.done === true) return;
        this.#steps[stage] += steps(next.value);
        this.#onProgress(stage, this.#steps[stage]);
        yield next.value;
      }
    } finally {
      // a reader that leaves early lets the stage close what it holds
      await items.return(undefined);
    }
  }

  /** Samples are about to leave. */
  heard(): void {
    this.#firstAudioMs ??= this.#now() - this.#startMs;
  }

  report(): SpeechReport {
    const totalMs = this.#now() - this.#startMs;
    const of = (stage: StageName): { ms: number; steps: number } => ({
      ms: this.#ms[stage],
      steps: this.#steps[stage],
    });
    return {
      queueMs: 0,
      firstAudioMs: this.#firstAudioMs ?? totalMs,
      totalMs,
      semantic: of('semantic'),
      coarse: of('coarse'),
      fine: of('fine'),
      codec: of('codec'),
    };
  }

  #enter(stage: StageName): void {
    this.#charge();
    this.#working.push(stage);
  }

  #leave(): void {
    this.#charge();
    this.#working.pop();
  }

  #charge(): void {
    const nowMs = this.#now();
    const working = this.#working.at(-1);
    if (working !== undefined) this.#ms[working] += nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
  }
}
