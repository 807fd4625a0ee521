/**
 * The seed of a request that brings none: made of how it is to sound and not of the text, so that the same request
 * gives the same audio, and a sentence spoken once is known again at its place in another text.
 */
import { canonicalJson } from '../takes/canonical-json.ts';
import type { LatencyMode } from '#shared/bark/options.ts';
import type { SpeakMessage } from '#shared/protocol/messages.ts';

interface WayOfSpeaking {
  readonly model: string;
  /** Hash of the voice. */
  readonly voice: string | null;
  readonly options: SpeakMessage['options'];
  readonly latency: LatencyMode;
}

/** An integer in 0..2^53 - 1: the first 53 bits of a SHA-256 over the content. */
export async function contentSeed(content: WayOfSpeaking): Promise<number> {
  const digest = await crypto.subtle.digest(
    'SHA-256',
    new TextEncoder().encode(canonicalJson(content)),
  );
  return Number(new DataView(digest).getBigUint64(0) >> 11n);
}
