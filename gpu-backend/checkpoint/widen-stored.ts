/** What was read as it is stored, as floats. */
import type { RoundedRows, StoredTensor } from './tensors.ts';
import { widen } from './widen.ts';

/** The array itself where it holds floats already. */
export function widenStored(stored: StoredTensor): Float32Array<ArrayBuffer> {
  if (stored.dtype === 'F32') return stored.data;
  if (stored.dtype === 'I8') return widenRows(stored);
  const floats = new Float32Array(stored.data.length);
  widen(new Uint8Array(stored.data.buffer), 'F16', floats);
  return floats;
}

/** [rows, inputs]: each value times the scale of its row. */
function widenRows({ values, scales }: RoundedRows): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(values.length);
  const inputs = values.length / scales.length;
  for (let row = 0; row < scales.length; row += 1) {
    const scale = scales[row] ?? 0;
    for (let i = row * inputs; i < (row + 1) * inputs; i += 1) floats[i] = (values[i] ?? 0) * scale;
  }
  return floats;
}
