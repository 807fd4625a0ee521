/** What the last requests have cost, by the name that the edge gave them; nothing of what was spoken. */
import type { RequestRecord, SentenceRecord } from '#shared/protocol/request-record.ts';

/** Most sentences that are remembered, about a megabyte; the request that was heard of least lately goes first. */
export const MAX_RECORDED_SENTENCES = 4_096;

/** Most of one request: a text has fewer, a caller who always sends the same name has no end. */
export const MAX_SENTENCES_OF_REQUEST = 256;

export class Records {
  // insertion order is the order in which requests were last heard of
  readonly #sentences = new Map<string, SentenceRecord[]>();
  #count = 0;

  add(id: string, sentence: SentenceRecord): void {
    const sentences = this.#sentences.get(id) ?? [];
    this.#sentences.delete(id);
    this.#sentences.set(id, sentences);
    sentences.push(sentence);
    this.#count += 1;
    if (sentences.length > MAX_SENTENCES_OF_REQUEST) {
      sentences.shift();
      this.#count -= 1;
    }
    while (this.#count > MAX_RECORDED_SENTENCES) this.#forgetOldest();
  }

  /** Null for one that is not, or not any more, known. */
  of(id: string): RequestRecord | null {
    const sentences = this.#sentences.get(id);
    return sentences === undefined ? null : { id, sentences: [...sentences] };
  }

  #forgetOldest(): void {
    for (const [id, { length }] of this.#sentences) {
      this.#sentences.delete(id);
      this.#count -= length;
      return;
    }
  }
}
