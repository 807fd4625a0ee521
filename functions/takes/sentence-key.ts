/** The name of a sentence's sound: a hash of everything that decides it. */
import { toHex } from '#shared/bark/voice.ts';
import type { BackendInfo, Sentence } from '../backend/synthesizer.ts';
import { canonicalJson } from './canonical-json.ts';

/** Raised when the same request would sound different, so that what is kept of before is never played again. */
const SOUND_VERSION = 2;

/** Who speaks: the backend's fingerprint, or the model's id where it tells none. */
export function speakerOf({ fingerprint, model }: BackendInfo): string {
  return fingerprint ?? model;
}

/** 64 hexadecimal digits; `speaker` is that of `speakerOf`. */
export async function sentenceKey(
  speaker: string,
  sentence: Omit<Sentence, 'key'>,
): Promise<string> {
  const { ids, voice, options, latency, seed, row } = sentence;
  return hashOf({
    version: SOUND_VERSION,
    speaker,
    ids: Array.from(ids),
    voice: voice?.hash ?? null,
    options,
    latency,
    seed,
    row,
  });
}

/**
 * Under what a sentence is kept: its samples under its key; its codes, which mean nothing to another decoder, under
 * that and the hash of theirs.
 */
export function keptKey(key: string, decoder: string | null): string {
  return decoder === null ? key : `${key}.${decoder}`;
}

/** `take_` and 32 hexadecimal digits: names the sound of a whole text, sentence by sentence. */
export async function takeId(sentenceKeys: readonly string[]): Promise<string> {
  return `take_${(await hashOf(sentenceKeys)).slice(0, 32)}`;
}

async function hashOf(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(canonicalJson(value));
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
