/** Runs sessions of the C API over the rows of one cache: neighbours together, each at its own length. */
import type { TransformerConfig } from '../checkpoint/config.ts';
import { CacheSlab, type CacheType } from './cache-slab.ts';
import type { OrtLibrary } from './ort-api/library.ts';
import { NativeBinding, NativeTensor, type NativeSession } from './ort-api/native-session.ts';

/** What is appended to a row. */
export interface RowInput {
  readonly row: number;
  /** [positions, h] */
  readonly hidden: Float32Array;
}

export class RowRunner {
  readonly slab: CacheSlab;
  readonly #library: OrtLibrary;
  readonly #cache: CacheType;
  readonly #width: number;
  readonly #vocabulary: number;
  readonly #hidden: Float32Array;
  readonly #logits: Float32Array;
  readonly #last: Int32Array;
  readonly #total: Int32Array;
  /** By first row and count; made for one session. */
  readonly #bindings = new Map<string, NativeBinding>();
  #boundTo: NativeSession | null = null;

  constructor(library: OrtLibrary, config: TransformerConfig, rows: number, cache: CacheType) {
    this.slab = new CacheSlab(config, rows, cache);
    this.#cache = cache;
    this.#library = library;
    this.#width = config.hiddenSize;
    this.#vocabulary = config.outputVocabularySize;
    // buffers are made before their views, so that they never lie on V8's heap
    this.#hidden = new Float32Array(new ArrayBuffer(rows * this.#width * 4));
    this.#logits = new Float32Array(new ArrayBuffer(rows * this.#vocabulary * 4));
    this.#last = new Int32Array(new ArrayBuffer(rows * 4));
    this.#total = new Int32Array(new ArrayBuffer(4));
  }

  /** Several positions of one row, `hidden` [positions, h]; answers the scores after the last. */
  prompt(session: NativeSession, { row, hidden }: RowInput): Float32Array {
    const { slab } = this;
    const count = hidden.length / this.#width;
    const length = (slab.lengths[row] ?? 0) + count;
    this.#last[0] = length - 1;
    this.#total[0] = length;
    const binding = this.#bind(session, row, 1, hidden, count);
    try {
      binding.run('given-back');
    } finally {
      binding.release();
    }
    slab.lengths[row] = length;
    return this.#logits.slice(0, this.#vocabulary);
  }

  /** One position of each row of the group, in ascending order; rows between them pass through and are not kept. */
  step(session: NativeSession, group: readonly RowInput[]): readonly Float32Array[] {
    const { slab } = this;
    const first = group.at(0)?.row ?? 0;
    const count = (group.at(-1)?.row ?? 0) - first + 1;
    this.#hidden.fill(0, 0, count * this.#width);
    for (const { row, hidden } of group) this.#hidden.set(hidden, (row - first) * this.#width);
    let total = 0;
    for (let i = 0; i < count; i += 1) {
      // an idle row writes beyond its end, where nobody reads; a full one has no next position to spoil
      const length = Math.min(slab.lengths[first + i] ?? 0, slab.capacity - 1);
      this.#last[i] = length;
      total = Math.max(total, length + 1);
    }
    this.#total[0] = total;
    this.#bound(session, first, count).run('kept');
    return group.map(({ row }) => {
      slab.lengths[row] = (slab.lengths[row] ?? 0) + 1;
      const from = (row - first) * this.#vocabulary;
      return this.#logits.slice(from, from + this.#vocabulary);
    });
  }

  release(): void {
    for (const binding of this.#bindings.values()) binding.release();
    this.#bindings.clear();
    this.#boundTo = null;
  }

  #bound(session: NativeSession, first: number, count: number): NativeBinding {
    if (this.#boundTo !== session) this.release();
    this.#boundTo = session;
    const key = `${first}+${count}`;
    const known = this.#bindings.get(key);
    if (known !== undefined) return known;
    const hidden = this.#hidden.subarray(0, count * this.#width);
    const made = this.#bind(session, first, count, hidden, 1);
    this.#bindings.set(key, made);
    return made;
  }

  #bind(
    session: NativeSession,
    first: number,
    count: number,
    hidden: Float32Array,
    positions: number,
  ): NativeBinding {
    const tensor = (memory: Float32Array | Int32Array, shape: readonly number[]): NativeTensor =>
      new NativeTensor(
        this.#library,
        memory instanceof Float32Array ? 'float32' : 'int32',
        memory,
        shape,
      );
    const inputs: Record<string, NativeTensor> = {
      hidden: tensor(hidden, [count, positions, this.#width]),
      last: tensor(this.#last.subarray(0, count), [count]),
      total: tensor(this.#total, []),
    };
    const outputs: Record<string, NativeTensor> = {
      logits: tensor(this.#logits.subarray(0, count * this.#vocabulary), [
        count,
        1,
        this.#vocabulary,
      ]),
    };
    for (const { name, memory } of this.slab.views(first, count)) {
      const cache = new NativeTensor(this.#library, this.#cache, memory, this.slab.shape(count));
      inputs[`past_${name}`] = cache;
      outputs[`present_${name}`] = cache;
    }
    return new NativeBinding(this.#library, session, inputs, outputs);
  }
}
