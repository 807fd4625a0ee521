/**
 * The safetensors format: uint64 header length, JSON header, then the tensors back to back.
 * Spec: https://github.com/huggingface/safetensors#format. The header is checked whole before any tensor is read.
 */
import { z } from 'zod/mini';
import { CheckpointError } from './checkpoint-error.ts';
import {
  openFileBytes,
  readBytes,
  readFloats,
  readHalves,
  readInt8,
  type FileBytes,
} from './file-bytes.ts';
import {
  countElements,
  missingTensor,
  shown,
  type FloatType,
  type StoredTensor,
  type TensorInfo,
  type TensorSource,
  type WeightType,
  WEIGHT_BYTES,
} from './tensors.ts';
import { widenStored } from './widen-stored.ts';

/** Longest header; bark's 806 tensors need about 100 kB. */
const HEADER_MAX_BYTES = 4 * 1024 * 1024;
const RANK_MAX = 8;

/** Bytes of an element of every type that a file may hold. */
const ELEMENT_BYTES = new Map(
  Object.entries({
    BOOL: 1,
    U8: 1,
    I8: 1,
    F8_E5M2: 1,
    F8_E4M3: 1,
    U16: 2,
    I16: 2,
    F16: 2,
    BF16: 2,
  }).concat(Object.entries({ U32: 4, I32: 4, F32: 4, U64: 8, I64: 8, F64: 8 })),
);

interface Place<Type extends WeightType> extends TensorInfo {
  readonly dtype: Type;
  /** Counted from the start of the file. */
  readonly begin: number;
}

/** Where a tensor lies, and where the scales of its rows do. */
export type SafetensorsEntry =
  | Place<FloatType>
  | (Place<'I8'> & { readonly scales: Place<FloatType> });

/** What the name of a tensor of eight bits takes for that of its scales, as compressed-tensors has it. */
export const SCALE_SUFFIX = '_scale';

const size = z.int().check(z.gte(0));
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(size).check(z.maxLength(RANK_MAX)),
  data_offsets: z.tuple([size, size]),
});
const headerSchema = z.record(z.string(), z.unknown());

/** Opens one `.safetensors` file; throws CheckpointError if its header is not sound. */
export async function openSafetensors(path: string): Promise<TensorSource> {
  const file = await openFileBytes(path);
  try {
    const entries = await readHeader(file);
    return sourceOf(file, entries);
  } catch (error) {
    await file.handle.close();
    throw error;
  }
}

async function readHeader(file: FileBytes): Promise<Map<string, SafetensorsEntry>> {
  const { path, sizeBytes } = file;
  if (sizeBytes < 8) {
    throw new CheckpointError(
      `${path} has ${sizeBytes} bytes, too few for safetensors; download it again.`,
    );
  }
  const lengthBytes = new Uint8Array(8);
  await readBytes(file, lengthBytes, 0);
  const headerBytes = Number(new DataView(lengthBytes.buffer).getBigUint64(0, true));
  if (headerBytes > Math.min(HEADER_MAX_BYTES, sizeBytes - 8)) {
    throw new CheckpointError(
      `${path} claims a header of ${headerBytes} bytes; it is no safetensors file, or cut short: download it again.`,
    );
  }
  const header = new Uint8Array(headerBytes);
  await readBytes(file, header, 8);
  return parseSafetensorsHeader(header, sizeBytes - 8 - headerBytes, path);
}

/**
 * Checks a header, its bytes without the length, against the `dataBytes` that follow it, and returns the
 * weights. Throws CheckpointError if types, shapes or offsets do not fit, overlap or leave holes, or if
 * a tensor of eight bits has no scales.
 */
export function parseSafetensorsHeader(
  header: Uint8Array,
  dataBytes: number,
  file: string,
): Map<string, SafetensorsEntry> {
  const spans: { name: string; begin: number; end: number }[] = [];
  const places = new Map<string, Place<WeightType>>();
  for (const [name, value] of Object.entries(parseHeaderJson(header, file))) {
    if (name === '__metadata__') continue;
    const parsed = z.safeParse(entrySchema, value);
    const elementBytes = parsed.success ? ELEMENT_BYTES.get(parsed.data.dtype) : undefined;
    if (!parsed.success || elementBytes === undefined) {
      throw new CheckpointError(
        `${file}: tensor ${shown(name)} needs a known dtype, a shape and two data_offsets; save the file again.`,
      );
    }
    const { dtype, shape } = parsed.data;
    const [begin, end] = parsed.data.data_offsets;
    if (end > dataBytes || end - begin !== countElements(shape) * elementBytes) {
      throw new CheckpointError(
        `${file}: tensor ${shown(name)} of ${dtype} [${shape.join(', ')}] does not fit its bytes ${begin}..${end} of ${dataBytes}; download it again.`,
      );
    }
    spans.push({ name, begin, end });
    if (isWeight(dtype)) places.set(name, { dtype, shape, begin: 8 + header.length + begin });
  }
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let reached = 0;
  for (const { name, begin, end } of spans) {
    if (begin !== reached) {
      throw new CheckpointError(
        `${file}: tensor ${shown(name)} begins at ${begin}, not at ${reached} where the one before ends; save the file again.`,
      );
    }
    reached = end;
  }
  if (reached !== dataBytes) {
    throw new CheckpointError(
      `${file}: the tensors end at ${reached}, the file at ${dataBytes}; download it again.`,
    );
  }
  return withScales(places, file);
}

/** Scales become parts of what they belong to. */
function withScales(
  places: ReadonlyMap<string, Place<WeightType>>,
  file: string,
): Map<string, SafetensorsEntry> {
  const entries = new Map<string, SafetensorsEntry>();
  const taken: string[] = [];
  for (const [name, place] of places) {
    if (isFloat(place)) {
      entries.set(name, place);
      continue;
    }
    const scales = places.get(name + SCALE_SUFFIX);
    const [rows = 0, ...rest] = place.shape;
    const isWhole = rest.length === 1 && scales !== undefined && isFloat(scales);
    if (!isWhole || countElements(scales.shape) !== rows) {
      throw new CheckpointError(
        `${file}: tensor ${shown(name)} of I8 must be a matrix with one scale a row in ${shown(name + SCALE_SUFFIX)}; convert the checkpoint again from one that is not rounded.`,
      );
    }
    entries.set(name, { ...place, dtype: 'I8', scales });
    taken.push(name + SCALE_SUFFIX);
  }
  for (const name of taken) entries.delete(name);
  return entries;
}

function parseHeaderJson(header: Uint8Array, file: string): Record<string, unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(header);
    return z.parse(headerSchema, JSON.parse(text));
  } catch (error) {
    throw new CheckpointError(
      `${file}: the header is not a JSON object; download it again.`,
      error,
    );
  }
}

function sourceOf(file: FileBytes, entries: ReadonlyMap<string, SafetensorsEntry>): TensorSource {
  const find = (name: string): SafetensorsEntry => {
    const entry = entries.get(name);
    if (entry === undefined) throw missingTensor(name, file.path);
    return entry;
  };
  return {
    path: file.path,
    files: [file.path],
    names: () => entries.keys(),
    has: (name) => entries.has(name),
    info: find,
    read: async (name) => {
      const entry = find(name);
      const { shape } = entry;
      if (entry.dtype !== 'I8') return { shape, data: await floatsOf(file, entry) };
      return { shape, data: widenStored(await storedOf(file, entry)) };
    },
    readStored: (name) => storedOf(file, find(name)),
    close: () => file.handle.close(),
  };
}

async function storedOf(file: FileBytes, entry: SafetensorsEntry): Promise<StoredTensor> {
  const { dtype, shape, begin } = entry;
  const count = countElements(shape);
  if (dtype === 'I8') {
    const values = await readInt8(file, count, begin);
    return { dtype, values, scales: await floatsOf(file, entry.scales) };
  }
  if (dtype === 'F16') return { dtype, data: await readHalves(file, count, begin) };
  return { dtype: 'F32', data: await floatsOf(file, entry) };
}

function floatsOf(
  file: FileBytes,
  { dtype, shape, begin }: Place<FloatType>,
): Promise<Float32Array<ArrayBuffer>> {
  return readFloats(file, dtype, countElements(shape), begin);
}

function isWeight(dtype: string): dtype is WeightType {
  return Object.hasOwn(WEIGHT_BYTES, dtype);
}

function isFloat(place: Place<WeightType>): place is Place<FloatType> {
  return place.dtype !== 'I8';
}
