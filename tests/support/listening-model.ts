/** A checkpoint that can hear: what the embedded ones may lack. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCheckpoint } from '../../gpu-backend/checkpoint/checkpoint.ts';
import {
  encodeSafetensors,
  type StoredTensor,
} from '../../gpu-backend/checkpoint/write-safetensors.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));

/** bark-tiny with an encoder of noise for its codec: 4 filters, 16 dimensions, strides 2 4 5 8. */
export async function makeListeningModel(folder: string): Promise<void> {
  await cp(TINY, folder, { recursive: true });
  const { tensors } = await openCheckpoint(TINY);
  const stored = new Map<string, StoredTensor>();
  const store = (name: string, shape: readonly number[], data: Float32Array): void => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    stored.set(name, { dtype: 'F32', shape, bytes });
  };
  for (const name of tensors.names()) {
    const { shape, data } = await tensors.read(name);
    store(name, shape, data);
  }
  await tensors.close();
  const noise = (name: string, shape: readonly number[]): void => {
    const length = shape.reduce((product, size) => product * size, 1);
    const data = Float32Array.from({ length }, (_, i) => Math.sin(i * i + shape.length) / 3);
    store(`codec_model.encoder.layers.${name}`, shape, data);
  };
  const conv = (layer: string, [outputs, ...rest]: readonly [number, number, number]): void => {
    noise(`${layer}.conv.weight`, [outputs, ...rest]);
    noise(`${layer}.conv.bias`, [outputs]);
  };
  conv('0', [4, 1, 7]);
  for (const [stage, ratio] of [2, 4, 5, 8].entries()) {
    const [layer, channels] = [1 + 3 * stage, 4 * 2 ** stage];
    conv(`${layer}.block.1`, [channels / 2, channels, 3]);
    conv(`${layer}.block.3`, [channels, channels / 2, 1]);
    conv(`${layer}.shortcut`, [channels, channels, 1]);
    conv(`${layer + 2}`, [2 * channels, channels, 2 * ratio]);
  }
  for (const layer of [0, 1]) {
    for (const gate of ['ih', 'hh']) {
      noise(`13.lstm.weight_${gate}_l${layer}`, [256, 64]);
      noise(`13.lstm.bias_${gate}_l${layer}`, [256]);
    }
  }
  conv('15', [16, 64, 7]);
  await writeFile(join(folder, 'model.safetensors'), encodeSafetensors(stored));
}
