/** Tensors of reproducible noise: integers from a seed times powers of two, no floating-point luck. */
import type { StoredTensor } from '../../gpu-backend/checkpoint/write-safetensors.ts';

const SEED = 20_260_501;

/** Collects tensors by name; each draws from a generator of its own, so that none shifts the others. */
export class NoiseTensors {
  readonly tensors = new Map<string, StoredTensor>();

  /**
   * Adds noise: uniform integers in -127..127 times 2^exponent, which also bfloat16 holds exactly. Of a matrix
   * `plan` may say what stands where instead, |k| <= 2 047.
   */
  noise(
    name: string,
    shape: readonly number[],
    exponent: number,
    plan: (row: number, column: number) => number | undefined = () => undefined,
  ): void {
    const below = randomIntegers(name);
    const columns = shape.at(-1) ?? 1;
    const integerAt = (index: number): number => {
      const drawn = below(255) - 127;
      return plan(Math.floor(index / columns), index % columns) ?? drawn;
    };
    this.tensors.set(name, halves(shape, exponent, integerAt));
  }

  /** Adds numbers around `centre` / 64, all positive: the scales of layer norms and of weight norm. */
  scales(name: string, shape: readonly number[], centre: number): void {
    const below = randomIntegers(name);
    const spread = Math.floor(centre / 4);
    this.tensors.set(
      name,
      halves(shape, -6, () => centre - spread + below(2 * spread + 1)),
    );
  }
}

/** Uniform integers below a bound, from a 32-bit xorshift generator (Marsaglia 2003, shifts 13, 17, 5), seeded by name. */
export function randomIntegers(name: string): (below: number) => number {
  let state = SEED;
  for (const byte of new TextEncoder().encode(name)) {
    state = Math.imul(state ^ byte, 0x0100_0193) >>> 0; // FNV-1a
  }
  state = state === 0 ? 1 : state;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  for (let i = 0; i < 16; i += 1) next();
  return (below) => next() % below;
}

/** Bits of the IEEE 754 half for k * 2^exponent, |k| <= 2 047; all values here are normal or zero. */
function halfBits(k: number, exponent: number): number {
  if (k === 0) return 0;
  const magnitude = Math.abs(k);
  const top = 31 - Math.clz32(magnitude);
  const fraction = (magnitude << (10 - top)) & 0x3ff;
  return (k < 0 ? 0x8000 : 0) | ((top + exponent + 15) << 10) | fraction;
}

/** A tensor of halves k * 2^exponent, one k for each index. */
function halves(
  shape: readonly number[],
  exponent: number,
  integerAt: (index: number) => number,
): StoredTensor {
  const count = shape.reduce((product, dimension) => product * dimension, 1);
  const bytes = new Uint8Array(2 * count);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i += 1) view.setUint16(2 * i, halfBits(integerAt(i), exponent), true);
  return { dtype: 'F16', shape, bytes };
}
