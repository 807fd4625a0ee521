/** Sentences of a take, from what is kept: nothing is spoken anew. */
import { SpeechFault } from '#shared/errors.ts';
import { HeardSentence, listenToKept } from './room-sentence.ts';
import type { KeptSentence, SentenceStore } from './sentence-store.ts';

/** A sentence that has just been heard to its end is still on its way to where it is kept. */
const LOOKS = 10;
const LOOK_MS = 100;

/** Its faults come out of the sentence; `not_found` when it is no longer kept. */
export function keptSentence(store: SentenceStore, key: string | undefined): HeardSentence {
  return new HeardSentence(async (signal) => {
    const kept = key === undefined ? null : await find(store, key, signal);
    if (kept !== null) return listenToKept(kept);
    throw new SpeechFault(
      'not_found',
      'A sentence of this take is no longer kept; ask for its text again.',
    );
  });
}

async function find(
  store: SentenceStore,
  key: string,
  signal: AbortSignal,
): Promise<KeptSentence | null> {
  for (let look = 1; ; look += 1) {
    const kept = await store.get(key);
    if (kept !== null || look === LOOKS || signal.aborted) return kept;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
