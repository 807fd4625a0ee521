/**
 * Voices by name. A name is only ever looked up among those of the manifest, so no path is made of
 * what a caller says. What was read stays; the least recently used leaves first.
 */
import type { VoiceEntry } from '#shared/bark/manifest.ts';
import { readVoiceNpys, readVoiceNpz } from '#shared/bark/voice-file.ts';
import { encodeVoice, hashVoice, type Voice } from '#shared/bark/voice.ts';
import { SpeechFault } from '#shared/errors.ts';
import type { CanonicalVoice } from '../backend/synthesizer.ts';
import { SharedLoad, type KeepAlive } from '../staged/shared-load.ts';
import type { StagedFiles } from '../staged/staged-files.ts';

/** Voices kept in memory; one is 10 to 30 kB, the largest possible 200 kB. */
export const VOICES_KEPT = 64;

interface VoiceLibraryOptions {
  readonly files: StagedFiles;
  readonly keepAlive: KeepAlive;
  readonly voices: readonly VoiceEntry[];
  readonly maxKept?: number;
}

export class VoiceLibrary {
  readonly #files: StagedFiles;
  readonly #keepAlive: KeepAlive;
  readonly #entries: ReadonlyMap<string, VoiceEntry>;
  readonly #maxKept: number;
  /** In the order of use, the latest last. */
  readonly #kept = new Map<string, SharedLoad<CanonicalVoice>>();

  constructor({ files, keepAlive, voices, maxKept = VOICES_KEPT }: VoiceLibraryOptions) {
    this.#files = files;
    this.#keepAlive = keepAlive;
    this.#entries = new Map(voices.map((entry) => [entry.id, entry]));
    this.#maxKept = maxKept;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** What the manifest says of the voice of that name; `voice_not_found` when it says nothing. */
  entry(id: string): VoiceEntry {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return entry;
    throw new SpeechFault(
      'voice_not_found',
      'There is no voice of that name; GET /v1/voices lists those there are.',
      { param: 'voice' },
    );
  }

  async get(id: string): Promise<CanonicalVoice> {
    const entry = this.entry(id);
    const load =
      this.#kept.get(id) ?? new SharedLoad(() => readVoice(this.#files, entry), this.#keepAlive);
    this.#kept.delete(id);
    this.#kept.set(id, load);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#maxKept && oldest !== undefined) this.#kept.delete(oldest);
    return load.get();
  }
}

async function readVoice(
  files: StagedFiles,
  { id, files: names }: VoiceEntry,
): Promise<CanonicalVoice> {
  const read = async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = await files.read(path);
    if (bytes !== null) return bytes;
    throw new SpeechFault(
      'backend_unavailable',
      `A file of the voice ${id} is not staged; run \`npm run stage\` again.`,
    );
  };
  let voice: Voice;
  if ('npz' in names) {
    voice = readVoiceNpz(await read(names.npz));
  } else {
    const [semantic, coarse, fine] = await Promise.all([
      read(names.semantic_prompt),
      read(names.coarse_prompt),
      read(names.fine_prompt),
    ]);
    voice = readVoiceNpys({ semantic_prompt: semantic, coarse_prompt: coarse, fine_prompt: fine });
  }
  const bytes = encodeVoice(voice);
  return { hash: await hashVoice(bytes), bytes };
}
