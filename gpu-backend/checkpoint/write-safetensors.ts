/** Writes small safetensors files: for the tiny checkpoint and for tests. */

/** A tensor as it will be stored. */
export interface StoredTensor {
  readonly dtype: 'F32' | 'F16' | 'BF16' | 'I8' | 'BOOL';
  readonly shape: readonly number[];
  /** Little endian, C order. */
  readonly bytes: Uint8Array;
}

/** The bytes of a file with these tensors in their order; the header is padded with spaces to 8 bytes, as the format advises. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
): Uint8Array<ArrayBuffer> {
  let dataBytes = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const [name, { dtype, shape, bytes }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [dataBytes, dataBytes + bytes.length] };
    dataBytes += bytes.length;
  }
  const json = JSON.stringify(header);
  const headerBytes = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 8) * 8));
  const file = new Uint8Array(8 + headerBytes.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes.length), true);
  file.set(headerBytes, 8);
  let at = 8 + headerBytes.length;
  for (const { bytes } of tensors.values()) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}
