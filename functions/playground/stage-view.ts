/** The stages of one speech while it is made: sentences that have ended as the edge tells them, the one at work as a guess. */
import type { Edge, Facts } from './edge.ts';
import { estimate, sentenceCosts, speechCosts, waterfall } from './stages.ts';
import type { WaterfallTable } from './waterfall-table.ts';

/** When the edge is first asked which sentences have ended; then after twice the time. */
const FIRST_ASK_MS = 500;
/** Longest time between two questions; a key may ask 120 times a minute. */
const MOST_ASK_MS = 2_000;

const SAMPLES_A_SECOND = 24_000;

export class StageView {
  readonly #table: WaterfallTable;
  readonly #edge: Edge;
  #sentences: readonly Facts[] = [];
  /** What is guessed from. */
  #before: Facts | null = null;

  constructor(table: WaterfallTable, edge: Edge) {
    this.#table = table;
    this.#edge = edge;
  }

  begin(): void {
    this.#sentences = [];
    this.#table.show(waterfall([], null));
  }

  /** What is guessed from until a take has been heard here. */
  async learn(take: string): Promise<void> {
    const facts = await this.#edge.take(take).catch(() => null);
    if (facts !== null) this.#remember(facts);
  }

  /** Asks for sentences that have ended, until the signal. */
  async follow(requestId: string, signal: AbortSignal): Promise<void> {
    for (let ms = FIRST_ASK_MS; !signal.aborted; ms = Math.min(MOST_ASK_MS, 2 * ms)) {
      await pause(ms, signal);
      if (signal.aborted) return;
      // none has ended yet, or what is kept was played
      const sentences = await this.#edge.sentences(requestId).catch(() => []);
      if (!signal.aborted && sentences.length > 0) this.#sentences = sentences;
    }
  }

  /** `seconds`: of sound that have come. */
  draw(seconds: number): void {
    const told = this.#sentences.reduce((sum, one) => sum + Number(one['samples']), 0);
    const atWork = estimate(this.#before, seconds - told / SAMPLES_A_SECOND);
    this.#table.show(waterfall(this.#sentences.map(sentenceCosts), atWork));
  }

  /** All is known: sentence by sentence, or as a whole where the edge kept no more. */
  async end(facts: Facts, requestId: string | null): Promise<void> {
    const sentences =
      requestId === null ? [] : await this.#edge.sentences(requestId).catch(() => []);
    const costs = speechCosts(facts);
    const encode = costs.encode === undefined ? {} : { encode: costs.encode };
    const whole = sentences.length === Number(facts['sentences']);
    this.#table.show(waterfall(whole ? [...sentences.map(sentenceCosts), encode] : [costs], null));
    this.#remember(facts);
  }

  /** What came from the cache cost nothing, and says nothing of what comes. */
  #remember(facts: Facts): void {
    if (Number(facts['semantic_ms']) > 0) this.#before = facts;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
