/**
 * Bark's processor: texts and a voice preset to what the model takes, after the reference's
 * BarkProcessor (transformers 4.57). What differs is told in the documentation of the processor.
 */
import type { Voice } from '#shared/bark/voice.ts';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { localFolder, missingFolder } from '../hub/local-folder.ts';
import {
  type EncodedTexts,
  type EncodingOptions,
  type TextInput,
  encodeTexts,
} from './encode-texts.ts';
import { fieldsOf, optionsOf, reading } from './arguments.ts';
import { ProcessorError, shown } from './processor-error.ts';
import { saveProcessor } from './save-processor.ts';
import { type TokenizerFiles, readTokenizer } from './tokenizer-files.ts';
import { type PresetArrays, voiceOf } from './voice-arrays.ts';
import {
  ROOT_KEY,
  type VoicePresets,
  findVoicePresets,
  loadVoiceFile,
  loadVoicePreset,
} from './voice-presets.ts';

export const INDEX_FILE = 'speaker_embeddings_path.json';

/** Where a processor finds its voices, and what it may open (reference: section 7.5). */
export interface LoadOptions {
  /** The index of the voice presets, a path below the folder; null: no presets at all. */
  readonly speakerEmbeddingsDictPath?: string | null;
  /** Whether a preset that is no known name may be the path of an `.npz` file, as in the reference; true unless told. */
  readonly localFiles?: boolean;
  /** Told in one sentence what is missing and can be done without; silent unless told. */
  readonly warn?: (message: string) => void;
}

/** Where a processor is saved to (reference: section 7.5). */
export interface SaveOptions {
  /** Where the index goes, below the folder. */
  readonly speakerEmbeddingsDictPath?: string;
  /** Where the arrays go, below the folder. */
  readonly speakerEmbeddingsDirectory?: string;
}

/**
 * A name of `availableVoicePresets`, the path of an `.npz` file (its ending may be left out), or the arrays themselves
 * (reference: section 7.5).
 */
export type VoicePreset = string | PresetArrays | Voice;

/** A voice, and how texts become rows (reference: section 7.5). */
export interface ProcessorOptions extends EncodingOptions {
  /** The voice; none unless told. */
  readonly voicePreset?: VoicePreset | null | undefined;
}

/** What the model takes (reference: section 7.5). */
export interface ProcessorInputs extends EncodedTexts {
  /** The voice, if one was asked for; the same for every row. */
  readonly historyPrompt?: Voice;
}

/** Wraps the tokenizer of a checkpoint and its voice presets (reference: section 7.5); holds nothing between calls. */
export class BarkProcessor {
  readonly #tokenizer: TokenizerFiles;
  readonly #presets: VoicePresets | null;
  readonly #localFiles: boolean;

  private constructor(
    tokenizer: TokenizerFiles,
    presets: VoicePresets | null,
    localFiles: boolean,
  ) {
    this.#tokenizer = tokenizer;
    this.#presets = presets;
    this.#localFiles = localFiles;
  }

  /**
   * Reads a checkpoint's folder, one that `savePretrained` wrote, or that of a repository that was pulled; throws
   * CheckpointError naming the file at fault, ProcessorError for options. Reference: section 7.5.
   */
  static async fromPretrained(folder: string, options: LoadOptions = {}): Promise<BarkProcessor> {
    const {
      speakerEmbeddingsDictPath: indexPath = INDEX_FILE,
      localFiles = true,
      warn = () => {},
    } = optionsOf(options, {
      speakerEmbeddingsDictPath: (value) => value === null || typeof value === 'string',
      localFiles: (value) => typeof value === 'boolean',
      warn: (value) => typeof value === 'function',
    });
    const path = await folderOf(folder);
    const presets = indexPath === null ? null : await findVoicePresets(path, indexPath);
    if (presets !== null && !presets.hasIndex && presets.entries.size === 0) {
      warn(
        `${path} has no ${indexPath}, so there are no voice presets by name; copy it there, or set speakerEmbeddingsDictPath to null.`,
      );
    }
    return new BarkProcessor(await readTokenizer(path), presets, localFiles);
  }

  /** Names that `voicePreset` may be, in the order of the index. */
  get availableVoicePresets(): string[] {
    return [...(this.#presets?.entries.keys() ?? [])];
  }

  /**
   * Tokenizes a text, or several, to rows [B][length] of ids and adds the voice; throws ProcessorError naming what is
   * wrong. Reference: sections 2.4 and 7.5.
   */
  async process(text: TextInput, options: ProcessorOptions = {}): Promise<ProcessorInputs> {
    const { voicePreset, ...encoding } = fieldsOf(options);
    const isSpoken = voicePreset !== undefined && voicePreset !== null;
    const historyPrompt = isSpoken ? await this.loadVoicePreset(voicePreset) : null;
    const encoded = this.encode(text, encoding);
    return historyPrompt === null ? encoded : { ...encoded, historyPrompt };
  }

  /** What `process` does with texts alone, at once: rows [B][length] of ids. Throws ProcessorError. Reference: section 2. */
  encode(text: TextInput, options: EncodingOptions = {}): EncodedTexts {
    return encodeTexts(this.#tokenizer, text, options);
  }

  /**
   * The voice that a preset is, checked: [S], [2, T] and [8, T]. Throws ProcessorError naming the preset and what is
   * wrong with it. Reference: sections 1.5, 1.6 and 7.5.
   */
  async loadVoicePreset(preset: VoicePreset): Promise<Voice> {
    if (typeof preset === 'string') return await this.#loadNamed(preset);
    if (typeof preset === 'object' && preset !== null) {
      return reading('voicePreset', () => voiceOf(preset));
    }
    throw new ProcessorError(
      'voicePreset must be a name, the path of an .npz file, or the three arrays.',
      'TypeError',
    );
  }

  /**
   * Writes the tokenizer, the presets and their index into a folder that transformers loads as well. Every preset is read
   * and every name checked before anything is written. Throws ProcessorError for a name or path that is unfit,
   * CheckpointError for a folder that can not be written. Reference: section 7.5.
   */
  async savePretrained(folder: string, options: SaveOptions = {}): Promise<void> {
    const {
      speakerEmbeddingsDictPath = INDEX_FILE,
      speakerEmbeddingsDirectory = 'speaker_embeddings',
    } = optionsOf(options, {
      speakerEmbeddingsDictPath: isText,
      speakerEmbeddingsDirectory: isText,
    });
    assertPath(folder);
    await saveProcessor(this.#tokenizer, this.#presets, {
      folder,
      indexPath: speakerEmbeddingsDictPath,
      arraysFolder: speakerEmbeddingsDirectory,
    });
  }

  async #loadNamed(name: string): Promise<Voice> {
    if (name === ROOT_KEY && this.#presets?.hasIndex) {
      throw new ProcessorError(`${shown(name)} is a key of the index, but no voice.`, 'ValueError');
    }
    if (this.#presets?.entries.has(name)) return await loadVoicePreset(this.#presets, name);
    if (!this.#localFiles) {
      throw new ProcessorError(
        `There is no voice preset ${shown(name)}; availableVoicePresets names those there are.`,
        'FileNotFoundError',
      );
    }
    return await loadVoiceFile(name.endsWith('.npz') ? name : `${name}.npz`);
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

async function folderOf(named: string): Promise<string> {
  assertPath(named);
  const folder = await localFolder(named, process.env);
  if (folder === null) throw new CheckpointError(missingFolder(named));
  return folder;
}

function assertPath(folder: unknown): void {
  if (typeof folder === 'string' && folder !== '' && !folder.includes('\0')) return;
  throw new ProcessorError('folder must be the path of one, as a string.', 'TypeError');
}
