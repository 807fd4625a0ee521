/**
 * `npm run stage [model]`: copies what the edge needs of a checkpoint, its vocabulary and voices, to
 * where a Worker serves static assets from, and lists it in a manifest. A checkpoint may come from
 * anywhere, so no path and no file name of it is trusted.
 */
import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MANIFEST_FILE, manifestSchema, type Manifest } from '#shared/bark/manifest.ts';
import { checkpointId, readConfig } from '../gpu-backend/config.ts';
import { realPathInside } from '../gpu-backend/processor/inside-folder.ts';
import { findPresets, type Preset } from './support/presets.ts';
import { stagePage } from './support/stage-page.ts';
import { printable, printableError } from '../gpu-backend/cli/terminal/printable.ts';

/** Where the Worker's static assets lie, unless it is started with others. */
const STAGED_FOLDER = fileURLToPath(new URL('../.staged', import.meta.url));

/** Largest static asset of a Worker. */
const MAX_ASSET_BYTES = 25 * 1024 * 1024;

/** The voice of requests that name none, where the checkpoint has it. */
const USUAL_VOICE = 'v2/en_speaker_6';

/** How often a staging tries to take the place of others that run at the same time. */
const MOST_ATTEMPTS = 10;

/** The folder of the staged files, below the assets. */
const BARK = 'bark';

export interface Staged {
  readonly manifest: Manifest;
  /** Voices that the checkpoint names and that could not be taken, each with why. */
  readonly skipped: readonly string[];
}

/** Stages the checkpoint in `folder` below `outDir`; what was staged there before is gone afterwards. */
export async function stageCheckpoint(folder: string, outDir: string): Promise<Staged> {
  const vocabulary = await readVocabulary(folder);
  const { presets, skipped } = await findPresets(folder);

  const target = join(outDir, BARK);
  // beside the assets, not among them: a half-written folder is never served
  const fresh = `${resolve(outDir)}.${randomUUID()}.tmp`;
  try {
    await mkdir(join(fresh, 'voices'), { recursive: true });
    await writeFile(join(fresh, 'vocab.txt'), vocabulary);
    const voices: Manifest['voices'] = [];
    for (const [index, preset] of presets.entries()) {
      voices.push(await stagePreset(preset, index, fresh));
    }
    const manifest = manifestSchema.parse({
      model: checkpointId(folder),
      vocabulary: {
        file: `${BARK}/vocab.txt`,
        sha256: createHash('sha256').update(vocabulary).digest('hex'),
      },
      defaultVoice: defaultVoice(presets),
      voices,
    });
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    await writeFile(join(fresh, MANIFEST_FILE.slice(BARK.length + 1)), text);
    await assertFits(join(fresh, MANIFEST_FILE.slice(BARK.length + 1)), MANIFEST_FILE);
    await mkdir(outDir, { recursive: true });
    await replaceFolder(target, fresh);
    return { manifest, skipped };
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function readVocabulary(folder: string): Promise<Buffer> {
  const real = await realPathInside(folder, 'vocab.txt');
  if (real === null) {
    throw new Error(
      `${folder} has no vocab.txt, without which no text can be read. Download it into the checkpoint's folder from the same hub repository (or from bert-base-multilingual-cased, whose vocabulary Bark uses).`,
    );
  }
  await assertFits(real, 'vocab.txt');
  return readFile(real);
}

/** Copies the files of one voice under names of our own making. */
async function stagePreset(
  { id, name, language, files }: Preset,
  index: number,
  fresh: string,
): Promise<Manifest['voices'][number]> {
  const stem = `voices/${String(index).padStart(4, '0')}`;
  const copy = async (from: string, file: string): Promise<string> => {
    await assertFits(from, `a file of the voice ${id}`);
    await copyFile(from, join(fresh, file));
    return `${BARK}/${file}`;
  };
  if ('npz' in files)
    return { id, name, language, files: { npz: await copy(files.npz, `${stem}.npz`) } };
  return {
    id,
    name,
    language,
    files: {
      semantic_prompt: await copy(files.semantic_prompt, `${stem}-semantic.npy`),
      coarse_prompt: await copy(files.coarse_prompt, `${stem}-coarse.npy`),
      fine_prompt: await copy(files.fine_prompt, `${stem}-fine.npy`),
    },
  };
}

function defaultVoice(presets: readonly Preset[]): string | null {
  const chosen =
    presets.find(({ id }) => id === USUAL_VOICE) ??
    presets.find(({ language }) => language === 'en') ??
    presets[0];
  return chosen?.id ?? null;
}

async function assertFits(path: string, what: string): Promise<void> {
  const { size } = await stat(path);
  if (size <= MAX_ASSET_BYTES) return;
  throw new Error(
    `${what} has ${size} bytes; a static asset of a Worker may have ${MAX_ASSET_BYTES}. Keep it in R2 instead (FILES = "r2").`,
  );
}

/** Puts `fresh` where `target` is; whoever reads in between misses files for an instant, never sees half of them. */
async function replaceFolder(target: string, fresh: string): Promise<void> {
  const old = `${fresh}.old`;
  try {
    for (let attempt = 1; ; attempt += 1) {
      await rename(target, `${old}${attempt}`).catch(ignoreMissing);
      await rm(`${old}${attempt}`, { recursive: true, force: true });
      try {
        await rename(fresh, target);
        return;
      } catch (error) {
        // another staging put its own there in between: one of the two wins, whole
        if (!isCode(error, 'ENOTEMPTY', 'EEXIST') || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

function ignoreMissing(error: unknown): void {
  if (!isCode(error, 'ENOENT')) throw error;
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => error.code === code);
}

async function main(): Promise<void> {
  const { BARK_MODEL, BARK_CACHE } = process.env;
  const named = process.argv[2] ?? BARK_MODEL;
  const { model } = readConfig({ BARK_MODEL: named, BARK_CACHE });
  const { manifest, skipped } = await stageCheckpoint(model.folder, STAGED_FOLDER);
  await stagePage(STAGED_FOLDER);
  for (const reason of skipped) console.warn(printable(`left out: ${reason}`));
  console.log(
    `staged ${manifest.model}: ${manifest.voices.length} voices, default ${manifest.defaultVoice ?? 'none'}`,
  );
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(printableError(error));
    process.exitCode = 1;
  });
}
