/** For tests: damaged bytes, temporary folders, tensors out of thin air. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckpointError } from './checkpoint-error.ts';
import { countElements, type Tensor, type TensorSource } from './tensors.ts';

/** A copy of `bytes` with one to four seeded faults: bytes replaced, cut off, doubled, or numbers made huge. */
export function corrupted(bytes: Uint8Array, seed: number): Uint8Array<ArrayBuffer> {
  const random = integers(seed);
  let damaged = Uint8Array.from(bytes);
  for (let faults = 1 + random(4); faults > 0; faults -= 1) {
    const at = random(Math.max(1, damaged.length));
    switch (random(5)) {
      case 0:
        damaged = damaged.slice(0, at);
        break;
      case 1:
        damaged = Uint8Array.from([...damaged.subarray(0, at), ...damaged.subarray(at >> 1)]);
        break;
      case 2:
        damaged.fill(0xff, at, at + 1 + random(8));
        break;
      default:
        damaged[at] = random(256);
    }
  }
  return damaged;
}

/** Seeded integers below a bound (xorshift32). */
export function integers(seed: number): (below: number) => number {
  let state = (Math.imul(seed + 1, 0x9e37_79b1) | 1) >>> 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state % below;
  };
}

/** Runs `use` with a fresh folder and removes it afterwards. */
export async function inTemporaryFolder<Result>(
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Tensors in memory; `asked` collects the names that are read. */
export function memorySource(
  tensors: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array<ArrayBuffer> }>,
  asked: string[] = [],
): TensorSource {
  const find = (name: string) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new CheckpointError(`there is no ${name}`);
    return tensor;
  };
  const read = async (name: string): Promise<Tensor> => {
    asked.push(name);
    return find(name);
  };
  return {
    path: 'memory',
    files: [],
    names: () => tensors.keys(),
    has: (name) => tensors.has(name),
    info: (name) => ({ dtype: 'F32', shape: find(name).shape }),
    read,
    readStored: async (name) => ({ dtype: 'F32', data: (await read(name)).data }),
    close: async () => undefined,
  };
}

/** A tensor of this shape with 0, 1, 2, ... */
export function counted(shape: readonly number[]): {
  shape: readonly number[];
  data: Float32Array<ArrayBuffer>;
} {
  return { shape, data: Float32Array.from({ length: countElements(shape) }, (_, i) => i) };
}
