/**
 * The voices of a checkpoint folder, in both layouts they are published in: the hub's index of
 * `.npy` files, and trees of `.npz` files whose path is the voice's name.
 */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VOICE_KEYS, type VoiceKey } from '#shared/bark/voice.ts';
import { z } from 'zod/mini';

/** A voice and where its files are, as real paths. */
export interface Preset {
  readonly id: string;
  /** For people, for example `German, speaker 3 (v2)`. */
  readonly name: string;
  /** ISO 639-1 code, null where the name tells none. */
  readonly language: string | null;
  readonly files: { readonly npz: string } | Readonly<Record<VoiceKey, string>>;
}

interface Found {
  readonly presets: Preset[];
  /** What was named and could not be taken, each with why. */
  readonly skipped: string[];
}

const INDEX_FILE = 'speaker_embeddings_path.json';

/** Folders whose own name is no part of a voice's. */
const NPZ_ROOTS = ['voices/', 'assets/prompts/', 'prompts/', 'speaker_embeddings/'];

/** Bounds of the search for `.npz` files in a folder of unknown make. */
const MAX_DEPTH = 6;
const MAX_PRESETS = 5_000;
const MAX_ID_CHARACTERS = 200;

/** First bytes: a ZIP local file header, and the magic string of NPY. */
const ZIP_MAGIC = 'PK\u0003\u0004';
const NPY_MAGIC = '\u0093NUMPY';

/** All voices, sorted by name as people count; of two with one name the index's is taken. */
export async function findPresets(
  folder: string,
  inside: (path: string) => Promise<string>,
): Promise<Found> {
  const indexed = await indexedPresets(folder, inside);
  const archived = await archivedPresets(folder, inside);
  const skipped = [...indexed.skipped, ...archived.skipped];
  const byId = new Map<string, Preset>();
  for (const preset of [...indexed.presets, ...archived.presets]) {
    if (byId.has(preset.id)) skipped.push(`${preset.id}: there are two of this name`);
    else byId.set(preset.id, preset);
  }
  if (byId.size > MAX_PRESETS) {
    throw new Error(`There are ${byId.size} voices; ${MAX_PRESETS} can be staged.`);
  }
  const order = new Intl.Collator('en', { numeric: true });
  const presets = [...byId.values()].toSorted((a, b) => order.compare(a.id, b.id));
  return { presets, skipped };
}

const pathsOfPreset = z.record(z.string(), z.string());

async function indexedPresets(
  folder: string,
  inside: (path: string) => Promise<string>,
): Promise<Found> {
  const found: Found = { presets: [], skipped: [] };
  if (!(await exists(join(folder, INDEX_FILE)))) return found;
  for (const [id, value] of Object.entries(await readIndex(await inside(INDEX_FILE)))) {
    if (id === 'repo_or_path') continue;
    const paths = pathsOfPreset.safeParse(value);
    const problem = idProblem(id) ?? (paths.success ? null : 'its entry holds no paths');
    if (problem !== null || !paths.success) {
      found.skipped.push(`${shown(id)}: ${problem}`);
      continue;
    }
    const files = await presetFiles(paths.data, folder, inside);
    if (typeof files === 'string') found.skipped.push(`${shown(id)}: ${files}`);
    else found.presets.push(named(id, files));
  }
  return found;
}

async function readIndex(path: string): Promise<object> {
  let index: unknown;
  try {
    index = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new Error(`${INDEX_FILE} is not JSON; download it again.`, { cause });
  }
  if (typeof index === 'object' && index !== null && !Array.isArray(index)) return index;
  throw new Error(`${INDEX_FILE} must hold an object of voices; download it again.`);
}

/** The real paths of the three arrays, or what is wrong with them; throws where one leaves the folder. */
async function presetFiles(
  paths: Readonly<Record<string, string>>,
  folder: string,
  inside: (path: string) => Promise<string>,
): Promise<Record<VoiceKey, string> | string> {
  const files: Record<VoiceKey, string> = {
    semantic_prompt: '',
    coarse_prompt: '',
    fine_prompt: '',
  };
  for (const key of VOICE_KEYS) {
    const path = paths[key];
    if (path === undefined) return `its entry lacks ${key}`;
    // a path that leaves the folder is refused before anyone looks whether it exists
    const real = await inside(path).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    if (real === null) return `${shown(path)} is missing below ${folder}`;
    if (!(await startsWith(real, NPY_MAGIC))) return `${shown(path)} is not an .npy file`;
    files[key] = real;
  }
  return files;
}

async function archivedPresets(
  folder: string,
  inside: (path: string) => Promise<string>,
): Promise<Found> {
  const found: Found = { presets: [], skipped: [] };
  for (const path of await npzPaths(folder)) {
    const root = NPZ_ROOTS.find((prefix) => path.startsWith(prefix)) ?? '';
    const id = path.slice(root.length, -'.npz'.length);
    const real = await inside(path);
    const problem =
      idProblem(id) ?? ((await startsWith(real, ZIP_MAGIC)) ? null : 'it is not an .npz file');
    if (problem === null) found.presets.push(named(id, { npz: real }));
    else found.skipped.push(`${shown(id)}: ${problem}`);
  }
  return found;
}

/** Paths of all `.npz` files, relative, with `/`; hidden folders and links to folders are not entered. */
async function npzPaths(folder: string, below = '', depth = 0): Promise<string[]> {
  const paths: string[] = [];
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = `${below}${entry.name}`;
    if (entry.isDirectory()) {
      if (depth < MAX_DEPTH) paths.push(...(await npzPaths(folder, `${path}/`, depth + 1)));
    } else if (entry.name.endsWith('.npz')) {
      paths.push(path);
    }
    if (paths.length > MAX_PRESETS) break;
  }
  return paths;
}

function named(id: string, files: Preset['files']): Preset {
  const match = /^(?<set>.*\/)?(?:(?<language>[a-z]{2})_)?speaker_(?<number>\d+)$/.exec(id);
  const { set, language, number } = match?.groups ?? {};
  const version = set === undefined ? '' : ` (${set.slice(0, -1)})`;
  const spoken = language === undefined ? undefined : languageName(language);
  const name =
    number === undefined
      ? id
      : `${spoken === undefined ? 'Speaker' : `${spoken}, speaker`} ${number}${version}`;
  return { id, name, language: language ?? null, files };
}

function languageName(code: string): string {
  return new Intl.DisplayNames('en', { type: 'language' }).of(code) ?? code;
}

function idProblem(id: string): string | null {
  if (id.length < 1 || id.length > MAX_ID_CHARACTERS) {
    return `a name has 1 to ${MAX_ID_CHARACTERS} characters`;
  }
  // a name is said in URLs and headers, and shown on terminals
  return /[\p{Cc}\p{Cs}]/u.test(id) ? 'its name has control characters' : null;
}

/** A name as it may be printed. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, MAX_ID_CHARACTERS));
}

async function startsWith(path: string, magic: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(magic.length), 0, magic.length, 0);
    return buffer.toString('latin1', 0, bytesRead) === magic;
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
