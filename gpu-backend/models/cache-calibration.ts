/**
 * How large the keys and values of a stage get, channel by channel: what a cache of eight bits has to reach.
 * One prompt is read with a float32 cache, when the stage is first loaded.
 */
import type { TransformerConfig } from '../checkpoint/config.ts';
import type { CacheScales } from '../graph/int8-cache.ts';
import type { PromptPart } from '../pipeline/models.ts';
import type { CacheArray } from './cache-slab.ts';
import type { OrtLibrary } from './ort-api/library.ts';
import type { NativeSession } from './ort-api/native-session.ts';
import { promptRows, type CausalTables } from './prompt-rows.ts';
import { RowRunner } from './row-runner.ts';

/** Room above the largest number of the prompt that was read; speech goes beyond that in most channels. */
const MARGIN = 1.5;
const LEVELS = 127;
/** Of so many positions one is read: places from first to last count for more than how many there are. */
const STRIDE = 2;

export class CacheCalibration {
  readonly #prompt: () => readonly PromptPart[];
  #scales: readonly CacheScales[] | null = null;

  /** Of a prompt such as the stage is given. */
  constructor(prompt: () => readonly PromptPart[]) {
    this.#prompt = prompt;
  }

  /** The scales of each layer, as measured when first asked; `open` opens the stage with a float32 cache. */
  scales(
    library: OrtLibrary,
    config: TransformerConfig,
    tables: CausalTables,
    open: () => NativeSession,
  ): readonly CacheScales[] {
    this.#scales ??= measure(library, config, tables, this.#prompt(), open);
    return this.#scales;
  }
}

function measure(
  library: OrtLibrary,
  config: TransformerConfig,
  tables: CausalTables,
  prompt: readonly PromptPart[],
  open: () => NativeSession,
): readonly CacheScales[] {
  const { heads, hiddenSize, blockSize } = config;
  const runner = new RowRunner(library, config, 1, 'float32');
  const session = open();
  try {
    const hidden = promptRows(tables, prompt, 0, hiddenSize);
    runner.prompt(session, { row: 0, hidden: everyOther(hidden, hiddenSize) });
  } finally {
    runner.release();
    session.release();
  }
  const sizes = {
    heads,
    width: hiddenSize / heads,
    blockSize,
    length: runner.slab.lengths[0] ?? 0,
  };
  const [...caches] = runner.slab.views(0, 1);
  const scalesOf = (name: string): Float32Array<ArrayBuffer> => {
    const cache = caches.find((one) => one.name === name);
    if (cache === undefined) throw new RangeError(`There is no cache ${name}.`);
    return cacheScales(cache.memory, sizes);
  };
  return Array.from({ length: config.layers }, (_, layer) => ({
    keys: scalesOf(`key_${layer}`),
    values: scalesOf(`value_${layer}`),
  }));
}

/** Rows 0, STRIDE, 2 STRIDE ... of `hidden` [positions, width]. */
function everyOther(hidden: Float32Array, width: number): Float32Array {
  const count = Math.ceil(hidden.length / width / STRIDE);
  const rows = new Float32Array(new ArrayBuffer(count * width * 4));
  for (let i = 0; i < count; i += 1) {
    rows.set(hidden.subarray(i * STRIDE * width, (i * STRIDE + 1) * width), i * width);
  }
  return rows;
}

interface CacheSizes {
  readonly heads: number;
  /** Channels of a head. */
  readonly width: number;
  readonly blockSize: number;
  /** Filled positions. */
  readonly length: number;
}

/** The scale of every channel of `cache` [heads, blockSize, width]; a channel that is always zero gets 1. */
export function cacheScales(
  cache: CacheArray,
  { heads, width, blockSize, length }: CacheSizes,
): Float32Array<ArrayBuffer> {
  const scales = new Float32Array(heads * width);
  for (let head = 0; head < heads; head += 1) {
    const from = head * blockSize * width;
    for (let i = 0; i < length * width; i += 1) {
      const channel = head * width + (i % width);
      scales[channel] = Math.max(scales[channel] ?? 0, Math.abs(cache[from + i] ?? 0));
    }
  }
  return scales.map((peak) => (peak > 0 ? (peak * MARGIN) / LEVELS : 1));
}
