/** The voices of a checkpoint folder for the edge: what each is called, and where its files really lie. */
import { open, stat } from 'node:fs/promises';
import { VOICE_KEYS, type VoiceKey } from '#shared/bark/voice.ts';
import { z } from 'zod/mini';
import { realPathInside } from '../../gpu-backend/processor/inside-folder.ts';
import { shown } from '../../gpu-backend/processor/processor-error.ts';
import { findVoicePresets } from '../../gpu-backend/processor/voice-presets.ts';

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

/** Most voices of one checkpoint, and the longest of their names. */
const MAX_PRESETS = 5_000;
const MAX_ID_CHARACTERS = 200;

/** First bytes: a ZIP local file header, and the magic string of NPY. */
const ZIP_MAGIC = 'PK\u0003\u0004';
const NPY_MAGIC = '\u0093NUMPY';

/** All voices, sorted by name as people count; of two with one name the index's is taken. */
export async function findPresets(folder: string): Promise<Found> {
  const found: Found = { presets: [], skipped: [] };
  const { entries } = await findVoicePresets(folder, INDEX_FILE);
  if (entries.size > MAX_PRESETS) {
    throw new Error(`There are ${entries.size} voices; ${MAX_PRESETS} can be staged.`);
  }
  for (const [id, entry] of entries) {
    const files =
      idProblem(id) ??
      ('npz' in entry
        ? await archiveFile(folder, entry.npz)
        : await arrayFiles(folder, entry.index));
    if (typeof files === 'string') found.skipped.push(`${shown(id)}: ${files}`);
    else found.presets.push(named(id, files));
  }
  const order = new Intl.Collator('en', { numeric: true });
  found.presets.sort((a, b) => order.compare(a.id, b.id));
  return found;
}

async function archiveFile(folder: string, path: string): Promise<{ npz: string } | string> {
  const npz = await fileInside(folder, path, ZIP_MAGIC);
  return npz === null ? 'it is not an .npz file' : { npz };
}

const pathsOfPreset = z.record(z.string(), z.string());

/** The real paths of the three arrays, or what is wrong with them; throws where one leaves the folder. */
async function arrayFiles(
  folder: string,
  entry: unknown,
): Promise<Record<VoiceKey, string> | string> {
  const paths = pathsOfPreset.safeParse(entry);
  if (!paths.success) return 'its entry holds no paths';
  const files: Record<VoiceKey, string> = {
    semantic_prompt: '',
    coarse_prompt: '',
    fine_prompt: '',
  };
  for (const key of VOICE_KEYS) {
    const path = paths.data[key];
    if (path === undefined) return `its entry lacks ${key}`;
    const real = await fileInside(folder, path, NPY_MAGIC);
    if (real === null) return `${shown(path)} is missing below ${folder} or is not an .npy file`;
    files[key] = real;
  }
  return files;
}

/** The real path of a file that begins with `magic`, null where there is none; throws where it leaves the folder. */
async function fileInside(folder: string, path: string, magic: string): Promise<string | null> {
  const real = await realPathInside(folder, path);
  if (real === null || !(await stat(real)).isFile()) return null;
  return (await startsWith(real, magic)) ? real : null;
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

async function startsWith(path: string, magic: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(magic.length), 0, magic.length, 0);
    return buffer.toString('latin1', 0, bytesRead) === magic;
  } finally {
    await file.close();
  }
}
