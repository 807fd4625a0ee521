/** What the last requests have cost, and how far those are that run, by the name that the edge gave them; nothing of what was spoken. */
import type { RequestRecord, SentenceRecord } from '#shared/protocol/request-record.ts';
import { idOf } from './request-name.ts';

/** Most sentences that are remembered, about a megabyte; the request that was heard of least lately goes first. */
export const MAX_RECORDED_SENTENCES = 4_096;

/** Most of one request: a text has fewer, a caller who always sends the same name has no end. */
export const MAX_SENTENCES_OF_REQUEST = 256;

export class Records {
  // insertion order is the order in which requests were last heard of
  readonly #sentences = new Map<string, SentenceRecord[]>();
  #count = 0;

  /** `name` is that of the request among those of all callers. What is said of a sentence takes the place of `before`. */
  add(name: string, sentence: SentenceRecord, before?: SentenceRecord): void {
    const sentences = this.#sentences.get(name) ?? [];
    this.#sentences.delete(name);
    this.#sentences.set(name, sentences);
    const place = before === undefined ? -1 : sentences.indexOf(before);
    if (place >= 0) {
      sentences[place] = sentence;
      return;
    }
    sentences.push(sentence);
    this.#count += 1;
    if (sentences.length > MAX_SENTENCES_OF_REQUEST) {
      sentences.shift();
      this.#count -= 1;
    }
    while (this.#count > MAX_RECORDED_SENTENCES) this.#forgetOldest();
  }

  /** Null for what is not, or not any more, known. */
  of(name: string): RequestRecord | null {
    const sentences = this.#sentences.get(name);
    if (sentences === undefined) return null;
    return { id: idOf(name), sentences: [...sentences] };
  }

  #forgetOldest(): void {
    for (const [name, { length }] of this.#sentences) {
      this.#sentences.delete(name);
      this.#count -= length;
      return;
    }
  }
}
