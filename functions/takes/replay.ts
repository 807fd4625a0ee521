/** Sentences of a take, from what is kept: nothing is spoken anew. */
import { SpeechFault } from '#shared/errors.ts';
import { HeardSentence, listenToKept } from './room-sentence.ts';
import type { SentenceStore } from './sentence-store.ts';

/** Its faults come out of the sentence; `not_found` when it is no longer kept. */
export function keptSentence(store: SentenceStore, key: string | undefined): HeardSentence {
  return new HeardSentence(async () => {
    const kept = key === undefined ? null : await store.get(key);
    if (kept !== null) return listenToKept(kept);
    throw new SpeechFault(
      'not_found',
      'A sentence of this take is no longer kept; ask for its text again.',
    );
  });
}
