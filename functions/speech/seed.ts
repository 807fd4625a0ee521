/** The seed of a request that brings none: made of what is asked, so that the same request gives the same audio. */
import type { LatencyMode } from '#shared/bark/options.ts';
import type { SpeakMessage } from '#shared/protocol/messages.ts';

interface SpokenContent {
  readonly model: string;
  /** The ids of each sentence. */
  readonly sentences: readonly Int32Array[];
  /** Hash of the voice. */
  readonly voice: string | null;
  readonly options: SpeakMessage['options'];
  readonly latency: LatencyMode;
}

/** An integer in 0..2^53 - 1: the first 53 bits of a SHA-256 over the content. */
export async function contentSeed(content: SpokenContent): Promise<number> {
  const { sentences, ...rest } = content;
  const text = canonicalJson({ ...rest, sentences: sentences.map((ids) => Array.from(ids)) });
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Number(new DataView(digest).getBigUint64(0) >> 11n);
}

/** JSON with the keys of every object in order, so that how a request was written does not matter. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
