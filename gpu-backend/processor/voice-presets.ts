/**
 * The voice presets of a folder, by name: those of the hub's index, three `.npy` files each, and
 * those of a tree of `.npz` files as Suno has them, named by their path. Nothing is read before it is asked for.
 */
import type { Dirent } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NPY_MAX_VALUES, decodeNpy } from '#shared/bark/npy.ts';
import { VOICE_KEYS, type Voice } from '#shared/bark/voice.ts';
import { readZipMembers } from '#shared/bark/zip.ts';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { isMissing, readJsonIfPresent } from '../checkpoint/json-file.ts';
import { integersOfNpy } from './float-npy.ts';
import { realPathInside } from './inside-folder.ts';
import { ProcessorError, shown } from './processor-error.ts';
import { checkedVoice } from './voice-arrays.ts';

/** The longest array in 8-byte integers, and room for its header. */
const ARRAY_MAX_BYTES = 8 * NPY_MAX_VALUES + 16_384;

/** Three such arrays, and whatever else someone put beside them. */
const ARCHIVE_MAX_BYTES = 64 * 1024 * 1024;

/** Bounds of the search for `.npz` files in a folder of unknown make. */
const TREE_MAX_DEPTH = 6;
const TREE_MAX_FILES = 5_000;

/** Most voices of an index; the hub's has 139. */
const INDEX_MAX_VOICES = 5_000;

/** Folders whose own name is no part of a voice's. */
const TREE_ROOTS = ['voices/', 'assets/prompts/', 'prompts/', 'speaker_embeddings/'];

/** The one key of the index that is no voice: where the paths begin. */
export const ROOT_KEY = 'repo_or_path';

/** By name: what the index says of a voice, not trusted yet, or the path of its archive. */
type Entries = ReadonlyMap<string, { readonly index: unknown } | { readonly npz: string }>;

/** The presets of one folder. */
export interface VoicePresets {
  readonly folder: string;
  /** The index's file, there or not. */
  readonly indexFile: string;
  /** Whether the index is there; without it only trees of `.npz` files count. */
  readonly hasIndex: boolean;
  readonly entries: Entries;
}

/** Looks which presets there are; throws CheckpointError where the index is not one, ProcessorError where it lies outside. */
export async function findVoicePresets(folder: string, indexPath: string): Promise<VoicePresets> {
  const entries = new Map<string, { index: unknown } | { npz: string }>();
  const real = await realPathInside(folder, indexPath).catch((cause: unknown) => {
    throw faultOf(`speakerEmbeddingsDictPath of ${folder}`, cause);
  });
  const index = real === null ? {} : await readJsonIfPresent(real);
  if (typeof index !== 'object' || index === null || Array.isArray(index)) {
    throw new CheckpointError(
      `${join(folder, indexPath)} must hold an object of voices; download it again.`,
    );
  }
  if (Object.keys(index).length > INDEX_MAX_VOICES) {
    throw new CheckpointError(
      `${join(folder, indexPath)} names more than ${INDEX_MAX_VOICES} voices; download it again.`,
    );
  }
  // where it says that paths begin does not count: they begin in the checkpoint's folder
  for (const [name, entry] of Object.entries(index)) {
    if (name !== ROOT_KEY) entries.set(name, { index: entry });
  }
  for (const path of await archives(folder)) {
    const root = TREE_ROOTS.find((prefix) => path.startsWith(prefix)) ?? '';
    const name = path.slice(root.length, -'.npz'.length);
    if (name !== ROOT_KEY && !entries.has(name)) entries.set(name, { npz: path });
  }
  return { folder, indexFile: join(folder, indexPath), hasIndex: real !== null, entries };
}

/** Reads the preset of this name; throws ProcessorError naming what is missing or wrong. */
export async function loadVoicePreset(presets: VoicePresets, name: string): Promise<Voice> {
  const entry = presets.entries.get(name);
  if (entry === undefined) {
    throw new ProcessorError(
      `${presets.folder} has no voice preset ${shown(name)}; availableVoicePresets names those it has.`,
      'ValueError',
    );
  }
  return 'npz' in entry
    ? await loadArchived(presets.folder, entry.npz)
    : await loadIndexed(presets, name, entry.index);
}

/** Reads a `.npz` file anywhere; throws ProcessorError naming the file and its fault. */
export async function loadVoiceFile(path: string): Promise<Voice> {
  const bytes = await readBounded(path, ARCHIVE_MAX_BYTES);
  return voiceOfFiles(path, arraysOfArchive(path, bytes));
}

function arraysOfArchive(path: string, bytes: Uint8Array): Map<string, Uint8Array> {
  const names = VOICE_KEYS.map((key) => `${key}.npy`);
  try {
    const members = readZipMembers(bytes, names, ARRAY_MAX_BYTES);
    return new Map(Array.from(members, ([name, file]) => [name.slice(0, -'.npy'.length), file]));
  } catch (cause) {
    throw faultOf(path, cause);
  }
}

async function loadArchived(folder: string, path: string): Promise<Voice> {
  const file = join(folder, path);
  const real = await realPathInside(folder, path).catch((cause: unknown) => {
    throw faultOf(file, cause);
  });
  return await loadVoiceFile(real ?? file);
}

async function loadIndexed(
  { folder, indexFile }: VoicePresets,
  name: string,
  entry: unknown,
): Promise<Voice> {
  const paths = new Map(Object.entries(Object(entry)));
  const files = new Map<string, Uint8Array>();
  for (const key of VOICE_KEYS) {
    const path = paths.get(key);
    if (typeof path !== 'string') {
      throw new ProcessorError(
        `The voice preset ${shown(name)} is missing ${key}; its entry in ${indexFile} needs ${VOICE_KEYS.join(', ')}.`,
        'ValueError',
      );
    }
    const real = await realPathInside(folder, path).catch((cause: unknown) => {
      throw faultOf(`${indexFile}, voice preset ${shown(name)}, ${key}`, cause);
    });
    if (real === null) {
      throw new ProcessorError(
        `${join(folder, path)} does not exist, so the voice preset ${shown(name)} of ${indexFile} can not be used; download it again.`,
        'ValueError',
      );
    }
    files.set(key, await readBounded(real, ARRAY_MAX_BYTES));
  }
  return voiceOfFiles(
    `${indexFile}, voice preset ${shown(name)}`,
    files,
    (key) => `${join(folder, String(paths.get(key)))}, ${key} of the voice preset ${shown(name)}`,
  );
}

/** Reads the arrays that are there; throws ProcessorError that begins with `what`, or where one array is at fault with `whatOf` it. */
function voiceOfFiles(
  what: string,
  files: ReadonlyMap<string, Uint8Array>,
  whatOf = (key: string): string => `${what}, ${key}`,
): Voice {
  const arrays = Array.from(files, ([key, file]): [string, unknown] => {
    try {
      return [key, decodeNpy(integersOfNpy(file))];
    } catch (cause) {
      throw faultOf(whatOf(key), cause);
    }
  });
  try {
    return checkedVoice(Object.fromEntries(arrays));
  } catch (cause) {
    throw faultOf(what, cause);
  }
}

function faultOf(what: string, cause: unknown): unknown {
  if (cause instanceof ProcessorError) {
    return new ProcessorError(`${what}: ${cause.message}`, cause.reference, cause);
  }
  if (!(cause instanceof RangeError)) return cause;
  return new ProcessorError(`${what}: ${cause.message}`, null, cause);
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const file = await stat(path);
    // a pipe would be waited for, a device never ends
    if (!file.isFile()) {
      throw new ProcessorError(`${path} is no regular file; give the voice's own file.`, null);
    }
    if (file.size > maxBytes) {
      throw new ProcessorError(
        `${path} has ${file.size} bytes; a file of a voice has at most ${maxBytes}.`,
        null,
      );
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof ProcessorError) throw error;
    if (isMissing(error)) {
      throw new ProcessorError(
        `${path} does not exist; give a name of availableVoicePresets or the path of an .npz file.`,
        'FileNotFoundError',
        error,
      );
    }
    throw new ProcessorError(`${path} could not be read; give a readable file.`, null, error);
  }
}

/** Paths of all `.npz` files below the folder, relative, with `/`, sorted; hidden folders and links to folders are not entered. */
async function archives(folder: string, below = '', depth = 0): Promise<string[]> {
  const paths: string[] = [];
  const entries = await entriesOf(join(folder, below));
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = `${below}${entry.name}`;
    if (entry.isDirectory()) {
      if (depth < TREE_MAX_DEPTH) paths.push(...(await archives(folder, `${path}/`, depth + 1)));
    } else if (entry.name.endsWith('.npz')) paths.push(path);
    if (paths.length > TREE_MAX_FILES) {
      throw new CheckpointError(
        `${folder} has more than ${TREE_MAX_FILES} .npz files; give the folder of one checkpoint.`,
      );
    }
  }
  return paths;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new CheckpointError(
      `${folder} could not be looked into for voices; check its permissions.`,
      error,
    );
  }
}
