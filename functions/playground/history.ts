/** Takes that were heard, kept in this browser: enough to play them again, and to know what they were. */

export interface Take {
  readonly id: string;
  readonly text: string;
  readonly voice: string;
  readonly format: string;
  readonly latency: string;
  readonly seed: string;
  readonly speed: number;
  readonly seconds: number;
  /** When it was heard to its end, in ms since 1970. */
  readonly atMs: number;
}

/** Older ones go. */
const MOST_TAKES = 50;

const NAME = 'bark-edge takes';

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export class History {
  readonly #shelf: Shelf;
  #takes: readonly Take[];

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
    this.#takes = readTakes(shelf.getItem(NAME));
  }

  /** The last one first. */
  get takes(): readonly Take[] {
    return this.#takes;
  }

  /** The same take in the same format moves to the front. */
  add(take: Take): void {
    const others = this.#takes.filter(({ id, format }) => id !== take.id || format !== take.format);
    this.#takes = [take, ...others].slice(0, MOST_TAKES);
    try {
      this.#shelf.setItem(NAME, JSON.stringify(this.#takes));
    } catch {
      // full, or not allowed: it is still known until the page is left
    }
  }

  clear(): void {
    this.#takes = [];
    this.#shelf.removeItem(NAME);
  }
}

function readTakes(text: string | null): readonly Take[] {
  try {
    const takes: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(takes) ? takes.filter(isTake) : [];
  } catch {
    return [];
  }
}

function isTake(value: unknown): value is Take {
  const { id, text, voice, format, latency, seed, speed, seconds, atMs } = Object(value);
  return (
    [id, text, voice, format, latency, seed].every((one) => typeof one === 'string') &&
    [speed, seconds, atMs].every((one) => typeof one === 'number')
  );
}
