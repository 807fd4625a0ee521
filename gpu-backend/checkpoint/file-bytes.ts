/** Random access to a file, in pieces that Node and the kernel take at once. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { CheckpointError } from './checkpoint-error.ts';
import { isMissing } from './json-file.ts';
import { WEIGHT_BYTES, type FloatType } from './tensors.ts';
import { widen } from './widen.ts';

/** One read; Linux refuses more than 2^31 - 4096 bytes. */
const READ_MAX_BYTES = 1 << 30;
/** Halves are widened through a buffer of this size, so that memory stays flat. */
const WIDEN_BYTES = 4 << 20;

/** An open file and how long it was when opened. */
export interface FileBytes {
  readonly path: string;
  readonly handle: FileHandle;
  readonly sizeBytes: number;
}

/** Opens a file for reading; throws CheckpointError if that fails. */
export async function openFileBytes(path: string): Promise<FileBytes> {
  let handle: FileHandle | undefined;
  try {
    // a pipe would be waited for, a device never ends
    if (!(await stat(path)).isFile()) {
      throw new CheckpointError(`${path} is no regular file; a checkpoint folder holds files.`);
    }
    handle = await open(path, 'r');
    const { size } = await handle.stat();
    return { path, handle, sizeBytes: size };
  } catch (error) {
    await handle?.close();
    if (error instanceof CheckpointError) throw error;
    const fault = isMissing(error) ? 'does not exist' : 'could not be opened';
    throw new CheckpointError(`${path} ${fault}; check the checkpoint folder.`, error);
  }
}

/** Fills `target` from `position`; throws CheckpointError if the file ends before or can not be read. */
export async function readBytes(
  { handle, path }: FileBytes,
  target: Uint8Array,
  position: number,
): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(READ_MAX_BYTES, target.length - done);
    const { bytesRead } = await handle
      .read(target, done, length, position + done)
      .catch((error: unknown) => {
        throw new CheckpointError(`${path} could not be read; is it still open and a file?`, error);
      });
    if (bytesRead === 0) {
      throw new CheckpointError(`${path} ends too early; download it again.`);
    }
    done += bytesRead;
  }
}

/** Reads `count` elements of `dtype` that begin at `position`; little endian, as are the machines we run on. */
export async function readFloats(
  file: FileBytes,
  dtype: FloatType,
  count: number,
  position: number,
): Promise<Float32Array<ArrayBuffer>> {
  const data = new Float32Array(count);
  if (dtype === 'F32') {
    await readBytes(file, new Uint8Array(data.buffer), position);
    return data;
  }
  const size = WEIGHT_BYTES[dtype];
  const buffer = new Uint8Array(Math.min(WIDEN_BYTES, count * size));
  for (let from = 0; from < count; from += buffer.length / size) {
    const to = Math.min(count, from + buffer.length / size);
    const bytes = buffer.subarray(0, (to - from) * size);
    await readBytes(file, bytes, position + from * size);
    widen(bytes, dtype, data.subarray(from, to));
  }
  return data;
}

/** Reads `count` halves, by their bits. */
export async function readHalves(
  file: FileBytes,
  count: number,
  position: number,
): Promise<Uint16Array<ArrayBuffer>> {
  const halves = new Uint16Array(count);
  await readBytes(file, new Uint8Array(halves.buffer), position);
  return halves;
}

/** Reads `count` signed bytes. */
export async function readInt8(
  file: FileBytes,
  count: number,
  position: number,
): Promise<Int8Array<ArrayBuffer>> {
  const values = new Int8Array(count);
  await readBytes(file, new Uint8Array(values.buffer), position);
  return values;
}
