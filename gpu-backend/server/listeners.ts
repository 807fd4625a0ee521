/** What those who listen to a text have of it, across its sentences and the sockets that these came on. */
import { Playback } from '../playback.ts';

/** Most texts that are remembered; the one that was heard of least lately goes first. */
export const MAX_LISTENERS = 1_024;

export class Listeners {
  // insertion order is the order in which texts were last heard of
  readonly #playbacks = new Map<string, Playback>();

  of(name: string): Playback {
    const playback = this.#playbacks.get(name) ?? new Playback();
    this.#playbacks.delete(name);
    this.#playbacks.set(name, playback);
    const [oldest] = this.#playbacks.keys();
    if (this.#playbacks.size > MAX_LISTENERS && oldest !== undefined) {
      this.#playbacks.delete(oldest);
    }
    return playback;
  }
}
