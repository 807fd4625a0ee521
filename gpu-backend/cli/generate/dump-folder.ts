/**
 * What every stage made, as arrays that NumPy opens: a folder a sentence. The three prompts are those of a
 * voice, so a folder of these is a voice too.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeNpy } from '#shared/bark/npy.ts';
import type { Waveform } from '#shared/bark/shapes.ts';
import { isCode } from '../../hub/hub-error.ts';
import { CliError } from '../cli-error.ts';

/** One sentence's way through the stages. */
export interface SpokenStages {
  /** [tokens], BERT ids before Bark's offset, padding left out. */
  readonly ids: Int32Array;
  /** [S], without the end token. */
  readonly semantic: Int32Array;
  /** [2, T] row by row. */
  readonly coarse: Int32Array;
  /** [8, T] row by row. */
  readonly fine: Int32Array;
  readonly audio: Waveform;
}

/** Refuses a folder that holds anything: what lies there would be mixed with what comes. */
export async function prepareDumpFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    if (!isCode(error, 'EEXIST', 'ENOTDIR')) throw error;
  }
  throw new CliError(`${folder} is not an empty folder; give a new one with --dump.`);
}

/** Writes the stages of a sentence, numbered `place`, or of a part of it, and returns the folder that they are in. */
export async function dumpTake(
  folder: string,
  place: readonly number[],
  { ids, semantic, coarse, fine, audio }: SpokenStages,
  facts: Readonly<Record<string, unknown>>,
): Promise<string> {
  const target = join(folder, place.map((number) => String(number).padStart(3, '0')).join('-'));
  await mkdir(target);
  const frames = fine.length / 8;
  const files: Readonly<Record<string, Uint8Array | string>> = {
    'input_ids.npy': encodeNpy({ shape: [ids.length], data: ids }, '<i8'),
    'semantic_prompt.npy': encodeNpy({ shape: [semantic.length], data: semantic }, '<i8'),
    'coarse_prompt.npy': encodeNpy({ shape: [2, frames], data: coarse }, '<i8'),
    'fine_prompt.npy': encodeNpy({ shape: [8, frames], data: fine }, '<i8'),
    'audio.npy': encodeFloatNpy(audio),
    'take.json': `${JSON.stringify(facts, null, 2)}\n`,
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(target, name), bytes);
  return target;
}

/** A 1-D float32 array as version 1.0 of the format, its data at a multiple of 64 bytes. */
export function encodeFloatNpy(values: Float32Array): Uint8Array {
  const fields = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length},), }`;
  const dataBegin = Math.ceil((10 + fields.length + 1) / 64) * 64;
  const bytes = new Uint8Array(dataBegin + values.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]); // \x93NUMPY 1.0
  new DataView(bytes.buffer).setUint16(8, dataBegin - 10, true);
  bytes.set(new TextEncoder().encode(`${fields.padEnd(dataBegin - 11)}\n`), 10);
  new Float32Array(bytes.buffer, dataBegin).set(values);
  return bytes;
}
