/**
 * Goldens: what the real transformers made of a checkpoint, greedily. A golden folder holds
 * `cases.json` and the arrays it names, beside a checkpoint or with `checkpoint.txt` naming its folder.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod/mini';
import type { SpeechOptions } from '#shared/bark/options.ts';
import { textTokens, type TextTokens } from '#shared/bark/shapes.ts';
import type { Voice } from '#shared/bark/voice.ts';
import { readJsonIfPresent } from '../../gpu-backend/checkpoint/json-file.ts';
import type { GenerationConfig } from '../../gpu-backend/checkpoint/generation-config.ts';
import { generate, type GeneratedRow } from '../../gpu-backend/pipeline/generate.ts';
import type { BarkModels } from '../../gpu-backend/pipeline/models.ts';
import { philoxRandomness } from '../../gpu-backend/pipeline/randomness.ts';
import { readNumbers } from './npy-numbers.ts';

/** Largest difference of a sample that counts as equal. */
export const AUDIO_TOLERANCE = 1e-5;

const ids = z.array(z.int());
const caseSchema = z.object({
  name: z.string(),
  /** BERT ids of each row, before padding. */
  input_ids: z.array(ids),
  pad_to: z.int(),
  history: z.nullable(z.string()),
  semantic_max_new_tokens: z.nullish(z.int()),
  semantic_min_new_tokens: z.nullish(z.int()),
  min_eos_p: z.nullish(z.number()),
  return_output_lengths: z.boolean(),
  do_sample: z.literal(false),
  temperature: z.nullish(z.number()),
  expected: z.object({
    semantic: z.array(ids),
    coarse: z.array(ids),
    fine_file: z.string(),
    audio_file: z.string(),
    output_lengths: z.nullish(ids),
  }),
});
export type GoldenCase = z.infer<typeof caseSchema>;

export async function readGoldenCases(folder: string): Promise<GoldenCase[]> {
  const json = await readJsonIfPresent(join(folder, 'cases.json'));
  if (json === undefined) {
    throw new Error(
      `${folder} has no cases.json; give a folder that scripts/golden.py has written.`,
    );
  }
  const list = Array.isArray(json)
    ? json
    : z.object({ cases: z.array(z.unknown()) }).parse(json).cases;
  return z.array(caseSchema).parse(list);
}

/** The checkpoint of a golden folder: the one that `checkpoint.txt` names, else the folder itself. */
export async function goldenCheckpoint(folder: string): Promise<string> {
  const named = await readFile(join(folder, 'checkpoint.txt'), 'utf8').catch(() => null);
  return named === null ? folder : resolve(folder, named.trim());
}

export interface GoldenSetting {
  readonly folder: string;
  readonly models: BarkModels;
  readonly generation: GenerationConfig;
  readonly readVoice: (name: string) => Promise<Voice>;
}

/** Runs one case; answers the first difference, or null where there is none. */
export async function firstDifference(
  golden: GoldenCase,
  { folder, models, generation, readVoice }: GoldenSetting,
): Promise<string | null> {
  const rows = await generate(
    models,
    generation,
    {
      rows: golden.input_ids.map((row) => paddedText(row, golden.pad_to)),
      voice: golden.history === null ? null : await readVoice(golden.history),
      options: optionsOf(golden),
      // the reference's batches let a shorter row's fine stage see what follows its end
      rowIndependentFine: false,
      cutToLength: golden.return_output_lengths,
      randomness: philoxRandomness(0),
    },
    new AbortController().signal,
  );
  const { expected } = golden;
  const fine = await readNumbers(join(folder, expected.fine_file));
  const audio = await readNumbers(join(folder, expected.audio_file));
  if (expected.semantic.length !== rows.length) {
    return `${rows.length} rows, expected ${expected.semantic.length}`;
  }
  for (const [index, row] of rows.entries()) {
    const difference =
      differentId('semantic', row.semantic, expected.semantic[index] ?? []) ??
      differentId('coarse', row.coarse, expected.coarse[index] ?? []) ??
      differentId('fine', row.fine, rowOf(fine, index, rows.length)) ??
      differentAudio(row, rowOf(audio, index, rows.length), expected.output_lengths?.[index]);
    if (difference !== null) return rows.length === 1 ? difference : `row ${index}: ${difference}`;
  }
  return null;
}

function optionsOf(golden: GoldenCase): SpeechOptions {
  const sampling = { doSample: false, temperature: golden.temperature ?? null };
  return {
    semantic: {
      ...sampling,
      ...(typeof golden.semantic_max_new_tokens === 'number'
        ? { maxNewTokens: golden.semantic_max_new_tokens }
        : {}),
      minNewTokens: golden.semantic_min_new_tokens ?? null,
      minEosP: golden.min_eos_p ?? null,
    },
    coarse: sampling,
    fine: { temperature: golden.temperature ?? null },
  };
}

function paddedText(row: readonly number[], length: number): TextTokens {
  const padded = new Int32Array(Math.max(length, row.length));
  padded.set(row);
  return textTokens(
    padded,
    Uint8Array.from(padded, (_, i) => (i < row.length ? 1 : 0)),
  );
}

function rowOf(values: Float64Array, index: number, rows: number): Float64Array {
  const length = values.length / rows;
  return values.subarray(index * length, (index + 1) * length);
}

function differentId(what: string, ours: Int32Array, expected: ArrayLike<number>): string | null {
  for (let i = 0; i < Math.min(ours.length, expected.length); i += 1) {
    if (ours[i] !== expected[i]) return `${what} entry ${i} is ${ours[i]}, expected ${expected[i]}`;
  }
  return ours.length === expected.length
    ? null
    : `${what} has ${ours.length} entries, expected ${expected.length}`;
}

function differentAudio(
  row: GeneratedRow,
  expected: Float64Array,
  length: number | undefined,
): string | null {
  if (length !== undefined && row.audio.length !== length) {
    return `audio has ${row.audio.length} samples, expected ${length}`;
  }
  if (length === undefined && row.audio.length !== expected.length) {
    return `audio has ${row.audio.length} samples, expected ${expected.length}`;
  }
  for (let i = 0; i < row.audio.length; i += 1) {
    const difference = Math.abs((row.audio[i] ?? 0) - (expected[i] ?? 0));
    // written so that NaN counts as different
    if (!(difference <= AUDIO_TOLERANCE))
      return `sample ${i} differs by ${difference.toExponential(2)}`;
  }
  return null;
}
