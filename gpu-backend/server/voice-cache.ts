/** Voices that were met before, by hash, shared by all sockets: least recently used go first. */
import type { Voice } from '#shared/bark/voice.ts';

/** Room for all voices together; a published one has 5 to 20 kB. */
export const VOICE_CACHE_BYTES = 32 * 1024 * 1024;

export class VoiceCache {
  readonly #capacityBytes: number;
  // insertion order is the order of use
  readonly #voices = new Map<string, Voice>();
  #sizeBytes = 0;

  constructor(capacityBytes: number = VOICE_CACHE_BYTES) {
    this.#capacityBytes = capacityBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get(hash: string): Voice | undefined {
    const voice = this.#voices.get(hash);
    if (voice === undefined) return undefined;
    this.#voices.delete(hash);
    this.#voices.set(hash, voice);
    return voice;
  }

  /** Keeps the voice, dropping the longest unused ones; one larger than the cache is not kept. */
  set(hash: string, voice: Voice): void {
    this.#drop(hash);
    const size = sizeOf(voice);
    if (size > this.#capacityBytes) return;
    for (const oldest of this.#voices.keys()) {
      if (this.#sizeBytes + size <= this.#capacityBytes) break;
      this.#drop(oldest);
    }
    this.#voices.set(hash, voice);
    this.#sizeBytes += size;
  }

  #drop(hash: string): void {
    const voice = this.#voices.get(hash);
    if (voice === undefined) return;
    this.#voices.delete(hash);
    this.#sizeBytes -= sizeOf(voice);
  }
}

function sizeOf(voice: Voice): number {
  return (
    voice.semanticPrompt.byteLength + voice.coarsePrompt.byteLength + voice.finePrompt.byteLength
  );
}
