/**
 * `pytorch_model.bin`: a zip archive of a pickle (names, shapes, which storage) and one file for each storage.
 * The archive is never loaded whole: a tensor is read from its place in the file when it is asked for.
 */
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { CheckpointError } from './checkpoint-error.ts';
import { openFileBytes, readBytes, readFloats, type FileBytes } from './file-bytes.ts';
import { unpickleDict } from './pickle.ts';
import { isKind, type TensorValue } from './pickle-values.ts';
import { gatherStrided, isContiguous, spanElements } from './strides.ts';
import {
  countElements,
  WEIGHT_BYTES,
  missingTensor,
  shown,
  type FloatType,
  type Tensor,
  type TensorSource,
} from './tensors.ts';

/** Largest pickle; the 806 entries of bark need about 130 kB. */
const PICKLE_MAX_BYTES = 4 * 1024 * 1024;
/** Most files of the archive; bark has about 800. */
const ENTRIES_MAX = 100_000;
const BYTEORDER_MAX_BYTES = 16;

/** An archive of which the directory has been read. */
interface Archive {
  readonly file: FileBytes;
  readonly zip: ZipFile;
  /** By name, without the folder that all of them share. */
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A tensor that can be read. */
interface FloatTensor extends TensorValue {
  readonly dtype: FloatType;
  readonly entry: Entry;
}

/** Opens a zip-pickle; throws CheckpointError naming the file if it is damaged or holds more than tensors. */
export async function openTorchZip(path: string): Promise<TensorSource> {
  const file = await openFileBytes(path);
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, { autoClose: false });
    // otherwise Node ends the process on an error between two entries
    zip.on('error', () => undefined);
    const archive = { file, zip, entries: await readDirectory(zip) };
    return sourceOf(archive, await readTensors(archive));
  } catch (error) {
    zip?.close();
    await file.handle.close();
    throw inFile(path, error);
  }
}

/** Says which file a fault is in and what helps; what yauzl says becomes the cause. */
function inFile(path: string, error: unknown): CheckpointError {
  if (error instanceof CheckpointError && error.message.startsWith(path)) return error;
  const fault =
    error instanceof CheckpointError
      ? error.message
      : `it is not a sound zip archive, as torch writes since 1.6 (${error instanceof Error ? error.message.replace(/\.$/, '') : String(error)})`;
  return new CheckpointError(
    `${path}: ${fault}. Download it again, or save the state dict alone with torch.save(model.state_dict(), ...).`,
    error,
  );
}

async function readDirectory(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > ENTRIES_MAX) {
    throw new CheckpointError(`the archive has ${zip.entryCount} files, more than ${ENTRIES_MAX}`);
  }
  const byName = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) byName.set(entry.fileName, entry);
  const pickles = Array.from(byName.keys()).filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) {
    throw new CheckpointError(`the archive has ${pickles.length} files data.pkl, not one`);
  }
  const folder = pickle.slice(0, -'data.pkl'.length);
  const entries = new Map<string, Entry>();
  for (const [name, entry] of byName) {
    if (name.startsWith(folder)) entries.set(name.slice(folder.length), entry);
  }
  return entries;
}

async function readTensors(archive: Archive): Promise<Map<string, FloatTensor>> {
  const order = await readWhole(archive, 'byteorder', BYTEORDER_MAX_BYTES);
  if (order !== undefined && new TextDecoder().decode(order) !== 'little') {
    throw new CheckpointError('the tensors are not little endian; save them on another machine');
  }
  const pickle = await readWhole(archive, 'data.pkl', PICKLE_MAX_BYTES);
  if (pickle === undefined) throw new CheckpointError('the archive has no data.pkl');

  const tensors = new Map<string, FloatTensor>();
  for (const [name, value] of unpickleDict(pickle).entries) {
    if (!isKind(value, 'tensor')) {
      throw new CheckpointError(`${shown(name)} is not a tensor`);
    }
    const { dtype, key, elements } = value.storage;
    if (dtype === null) continue; // masks and counters
    const entry = archive.entries.get(`data/${key}`);
    if (entry === undefined || storedBytes(entry) !== elements * WEIGHT_BYTES[dtype]) {
      throw new CheckpointError(
        `the storage of ${shown(name)} should be the file data/${shown(key)} of ${elements * WEIGHT_BYTES[dtype]} bytes, which the archive does not have`,
      );
    }
    tensors.set(name, { ...value, dtype, entry });
  }
  return tensors;
}

/** Reads one file of the archive; undefined if there is none. */
async function readWhole(
  archive: Archive,
  name: string,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const entry = archive.entries.get(name);
  if (entry === undefined) return undefined;
  const size = storedBytes(entry);
  if (size > maxBytes)
    throw new CheckpointError(`${name} has ${size} bytes, more than ${maxBytes}`);
  const from = await dataStart(archive, entry);
  const bytes = new Uint8Array(size);
  await readBytes(archive.file, bytes, from);
  return bytes;
}

/** The size of an entry that lies in the file as it is. */
function storedBytes(entry: Entry): number {
  if (entry.compressionMethod !== 0 || entry.isEncrypted()) {
    throw new CheckpointError(
      `${shown(entry.fileName)} is compressed or encrypted, torch.save stores it as it is`,
    );
  }
  return entry.uncompressedSize;
}

/** Where an entry's bytes begin in the file, checked to lie within it. */
async function dataStart({ zip, file }: Archive, entry: Entry): Promise<number> {
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  if (fileDataStart + entry.uncompressedSize > file.sizeBytes) {
    throw new CheckpointError(`${shown(entry.fileName)} reaches beyond the end of the file`);
  }
  return fileDataStart;
}

function sourceOf(archive: Archive, tensors: ReadonlyMap<string, FloatTensor>): TensorSource {
  const { file, zip } = archive;
  const find = (name: string): FloatTensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw missingTensor(name, file.path);
    return tensor;
  };
  const read = async (name: string): Promise<Tensor> => {
    const tensor = find(name);
    try {
      return { shape: tensor.shape, data: await readTensor(archive, tensor) };
    } catch (error) {
      throw inFile(file.path, error);
    }
  };
  return {
    path: file.path,
    files: [file.path],
    names: () => tensors.keys(),
    has: (name) => tensors.has(name),
    info: find,
    read,
    readStored: async (name) => ({ dtype: 'F32', data: (await read(name)).data }),
    close: async () => {
      zip.close();
      await file.handle.close();
    },
  };
}

async function readTensor(
  archive: Archive,
  { dtype, entry, offset, shape, strides }: FloatTensor,
): Promise<Float32Array<ArrayBuffer>> {
  const position = (await dataStart(archive, entry)) + offset * WEIGHT_BYTES[dtype];
  if (isContiguous(shape, strides)) {
    return await readFloats(archive.file, dtype, countElements(shape), position);
  }
  const span = await readFloats(archive.file, dtype, spanElements(shape, strides), position);
  return gatherStrided(span, shape, strides);
}
