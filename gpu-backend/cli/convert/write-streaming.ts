/** A safetensors file, written from front to back while its tensors are read. https://github.com/huggingface/safetensors */
import { open } from 'node:fs/promises';
import { countElements } from '../../checkpoint/tensors.ts';
import { elementBytes, type PlannedTensor } from './tensor-plan.ts';

export interface StreamedFile {
  readonly path: string;
  readonly tensors: readonly PlannedTensor[];
  readonly bytesOf: (tensor: PlannedTensor) => AsyncIterable<Uint8Array>;
  /** Told how many bytes of the tensors are written. */
  readonly onBytes: (writtenBytes: number) => void;
}

/** Bytes of all tensors together. */
export function sizeOfTensors(tensors: readonly PlannedTensor[]): number {
  return tensors.reduce((sum, tensor) => sum + sizeOf(tensor), 0);
}

/** Writes the file and sees it onto the disk; throws RangeError where a tensor yields other bytes than planned. */
export async function writeStreaming(
  { path, tensors, bytesOf, onBytes }: StreamedFile,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(path, 'wx');
  try {
    const header = encodeHeader(tensors);
    await file.writeFile(header);
    let written = 0;
    for (const tensor of tensors) {
      const end = written + sizeOf(tensor);
      for await (const bytes of bytesOf(tensor)) {
        signal.throwIfAborted();
        await file.writeFile(bytes);
        written += bytes.length;
        onBytes(written);
      }
      if (written !== end) {
        throw new RangeError(`${tensor.name} has other bytes than its shape and type say.`);
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The length as 64 bits, then JSON, padded with spaces so that the tensors begin at a multiple of 8. */
function encodeHeader(tensors: readonly PlannedTensor[]): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let at = 0;
  for (const tensor of tensors) {
    const { name, dtype, shape } = tensor;
    header[name] = { dtype, shape, data_offsets: [at, at + sizeOf(tensor)] };
    at += sizeOf(tensor);
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
  bytes.set(json, 8);
  return bytes;
}

function sizeOf({ dtype, shape }: PlannedTensor): number {
  return countElements(shape) * elementBytes(dtype);
}
