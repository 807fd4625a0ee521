/** The staged checkpoint as the edge uses it: manifest, vocabulary and voices, each read when first needed. */
import { MANIFEST_FILE, manifestSchema, type Manifest } from '#shared/bark/manifest.ts';
import { toHex } from '#shared/bark/voice.ts';
import { SpeechFault } from '#shared/errors.ts';
import { WordPiece } from '#shared/text/word-piece.ts';
import type { BackendInfo } from '../backend/synthesizer.ts';
import { VoiceLibrary } from '../voices/voice-library.ts';
import { SharedLoad, type KeepAlive } from '../staged/shared-load.ts';
import type { StagedFiles } from '../staged/staged-files.ts';

const STAGE_AGAIN = 'run `npm run stage`, then `npm start` again';

/** One staging, as its manifest tells it; all of it belongs together. */
export interface Checkpoint {
  readonly manifest: Manifest;
  readonly voices: VoiceLibrary;
  /** The tokenizer, parsed once. */
  wordPiece(): Promise<WordPiece>;
}

export class StagedCheckpoint {
  readonly #files: StagedFiles;
  readonly #keepAlive: KeepAlive;
  #checkpoint: SharedLoad<Checkpoint>;

  constructor(files: StagedFiles, keepAlive: KeepAlive) {
    this.#files = files;
    this.#keepAlive = keepAlive;
    this.#checkpoint = this.#newLoad();
  }

  async get(): Promise<Checkpoint> {
    return this.#checkpoint.get();
  }

  /** Refuses a backend that serves another checkpoint; what was staged is then read anew the next time. */
  assertServedBy(info: BackendInfo, manifest: Manifest): void {
    const sameModel = info.model === manifest.model;
    const sameVocabulary =
      info.vocabulary === null || info.vocabulary === manifest.vocabulary.sha256;
    if (sameModel && sameVocabulary) return;
    this.#checkpoint = this.#newLoad();
    throw new SpeechFault(
      'backend_mismatch',
      sameModel
        ? `The backend and the edge hold different vocabularies of ${info.model}; ${STAGE_AGAIN}.`
        : `The backend serves ${info.model}, the edge is staged for ${manifest.model}; ${STAGE_AGAIN}.`,
    );
  }

  #newLoad(): SharedLoad<Checkpoint> {
    return new SharedLoad(async () => this.#load(), this.#keepAlive);
  }

  async #load(): Promise<Checkpoint> {
    const manifest = await readManifest(this.#files);
    const vocabulary = new SharedLoad(
      () => readVocabulary(this.#files, manifest.vocabulary),
      this.#keepAlive,
    );
    return {
      manifest,
      voices: new VoiceLibrary({
        files: this.#files,
        keepAlive: this.#keepAlive,
        voices: manifest.voices,
      }),
      wordPiece: () => vocabulary.get(),
    };
  }
}

async function readManifest(files: StagedFiles): Promise<Manifest> {
  const bytes = await files.read(MANIFEST_FILE);
  if (bytes === null) {
    throw new SpeechFault(
      'backend_unavailable',
      `No checkpoint is staged for the edge (${MANIFEST_FILE} is missing); ${STAGE_AGAIN}.`,
    );
  }
  try {
    return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new SpeechFault(
      'backend_unavailable',
      `The staged ${MANIFEST_FILE} is not one we can read; ${STAGE_AGAIN}.`,
      { cause },
    );
  }
}

async function readVocabulary(
  files: StagedFiles,
  { file, sha256 }: Manifest['vocabulary'],
): Promise<WordPiece> {
  const bytes = await files.read(file);
  if (bytes === null) {
    throw new SpeechFault('backend_unavailable', `The vocabulary is not staged; ${STAGE_AGAIN}.`);
  }
  if (toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))) !== sha256) {
    throw new SpeechFault(
      'backend_mismatch',
      `The staged vocabulary is not the one its manifest names; ${STAGE_AGAIN}.`,
    );
  }
  return WordPiece.fromVocabulary(new TextDecoder().decode(bytes));
}
