/**
 * Attention of a causal stage whose cache has 8 bits: a key or value is rounded as it enters, -128..127 times
 * the scale of its channel, and every position is attended to as rounded, its own included. So it doesn't
 * matter in how many parts a prompt comes. Letters as in the fused transformer.
 */
import type { Sequences } from './fused-blocks.ts';
import { CONTRIB, type GraphBuilder, type Value } from './onnx-model.ts';

/** What one step of a cached number is worth, for each channel of a layer, [h]: head after head. */
export interface CacheScales {
  readonly keys: Float32Array<ArrayBuffer>;
  readonly values: Float32Array<ArrayBuffer>;
}

/** How many positions are in a cache. */
export interface CacheLengths {
  /** int32 [B]: index of each row's last position, new ones counted. */
  readonly last: Value;
  /** int32 []: most positions of a row, new ones counted. */
  readonly total: Value;
}

/** ONNX's numbers of types. */
const FLOAT = 1;
const INT64 = 7;
const POSITION_AXIS = 2;

export class Int8Cache {
  readonly #graph: GraphBuilder;
  readonly #sequences: Sequences;
  readonly #heads: number;
  readonly #hiddenSize: number;
  readonly #lengths: CacheLengths;
  /** bool []: several positions of one row. */
  readonly #isPrompt: Value;
  /** int64 [1]: positions before the new ones, of a prompt. */
  readonly #past: Value;
  /** int64 [1, H, n, 3]: where a prompt's new positions are in the cache; anything else for steps. */
  readonly #places: Value;

  constructor(
    graph: GraphBuilder,
    sequences: Sequences,
    { heads, hiddenSize }: { readonly heads: number; readonly hiddenSize: number },
    lengths: CacheLengths,
  ) {
    this.#graph = graph;
    this.#sequences = sequences;
    this.#heads = heads;
    this.#hiddenSize = hiddenSize;
    this.#lengths = lengths;
    const count = sequences.positions();
    const total = graph.op('Cast', [lengths.total], { to: INT64 });
    this.#isPrompt = graph.op('Squeeze', [graph.op('Greater', [count, graph.int64([1])])]);
    this.#past = graph.op('Sub', [total, count]);
    this.#places = this.#placesOf(count, total);
  }

  /**
   * [rows, h] of `joined` [rows, 3h] and the caches `past`, keys and values, int8 [B, H, C, D]; they are written to
   * `present`, which is to be bound to the same memory.
   */
  attend(
    joined: Value,
    past: readonly Value[],
    present: readonly string[],
    scales: CacheScales,
  ): Value {
    const graph = this.#graph;
    const packed = this.#sequences.parted(joined, 3 * this.#hiddenSize);
    const mixed = graph.fresh('mixed');
    graph.add({
      type: 'If',
      inputs: [this.#isPrompt],
      outputs: [mixed, ...present],
      attributes: {
        then_branch: graph.branch('prompt', () => this.#prompt(packed, past, scales)),
        else_branch: graph.branch('step', () => this.#step(packed, past, scales)),
      },
    });
    return this.#sequences.joined(mixed);
  }

  /** One position of every row: the kernel rounds it and reads the cache as it is. */
  #step(packed: Value, past: readonly Value[], { keys, values }: CacheScales): readonly Value[] {
    const scales = [keys, values].map((scale) => this.#graph.weight(scale, [this.#hiddenSize]));
    const unused = ['', '', '', '', ''];
    return this.#attention([packed, '', ''], past, [...unused, ...scales], {
      k_quant_type: 'PER_CHANNEL',
      v_quant_type: 'PER_CHANNEL',
      kv_cache_bit_width: 8,
    });
  }

  /**
   * Several positions of one row: that kernel would widen the cache again for every position, so it is widened
   * once here.
   */
  #prompt(packed: Value, past: readonly Value[], { keys, values }: CacheScales): readonly Value[] {
    const graph = this.#graph;
    const h = this.#hiddenSize;
    const width = h / this.#heads;
    const query = graph.fresh('query');
    const fresh = graph.fresh('fresh');
    graph.add({
      type: 'Split',
      inputs: [packed, graph.int64([h, 2 * h])],
      outputs: [query, fresh],
      attributes: { axis: 2 },
    });
    const scales = Float32Array.from([...keys, ...values]);
    const inverses = scales.map((scale) => 1 / scale);
    const rounded = graph.op('QuantizeLinear', [
      graph.op('Mul', [fresh, graph.weight(inverses, [2 * h])]),
      graph.scalar(1),
      graph.constant('int8', Int8Array.of(0), []),
    ]);
    const widened = graph.op('Mul', [
      graph.op('Cast', [rounded], { to: FLOAT }),
      graph.weight(scales, [2 * h]),
    ]);
    // [1, n, 2h] -> [1, 2H, n, D]
    const byHead = graph.op(
      'Transpose',
      [graph.op('Reshape', [rounded, graph.int64([1, -1, 2 * this.#heads, width])])],
      { perm: [0, 2, 1, 3] },
    );
    const entering = graph.ops('Split', [byHead], 2, { axis: 1, num_outputs: 2 });
    const present = past.map((cache, i) =>
      graph.op('ScatterND', [cache, this.#places, entering[i] ?? '']),
    );
    const before = past.map((cache, i) => {
      const filled = graph.op('Slice', [
        cache,
        graph.int64([0]),
        this.#past,
        graph.int64([POSITION_AXIS]),
      ]);
      const scale = graph.weight(i === 0 ? keys : values, [1, this.#heads, 1, width]);
      return graph.op('Mul', [graph.op('Cast', [filled], { to: FLOAT }), scale]);
    });
    const [mixed = ''] = this.#attention(
      [query, ...graph.ops('Split', [widened], 2, { axis: 2, num_outputs: 2 })],
      before,
    );
    return [mixed, ...present];
  }

  #attention(
    fresh: readonly Value[],
    past: readonly Value[],
    more: readonly Value[] = [],
    attributes: Readonly<Record<string, number | string>> = {},
  ): readonly Value[] {
    const graph = this.#graph;
    const outputs = ['mixed', 'key', 'value'].map((name) => graph.fresh(name));
    graph.add({
      type: 'GroupQueryAttention',
      domain: CONTRIB,
      inputs: [...fresh, ...past, this.#lengths.last, this.#lengths.total, ...more],
      outputs,
      attributes: { num_heads: this.#heads, kv_num_heads: this.#heads, ...attributes },
    });
    return outputs;
  }

  #placesOf(count: Value, total: Value): Value {
    const graph = this.#graph;
    const places = graph.fresh('places');
    graph.add({
      type: 'If',
      inputs: [this.#isPrompt],
      outputs: [places],
      attributes: {
        then_branch: graph.branch('places', () => {
          const shape = graph.op(
            'Concat',
            [graph.int64([1, this.#heads]), count, graph.int64([1])],
            {
              axis: 0,
            },
          );
          const heads = BigInt64Array.from({ length: this.#heads }, (_, i) => BigInt(i));
          const positions = graph.op('Range', [
            graph.op('Squeeze', [this.#past]),
            total,
            graph.int64(1),
          ]);
          const spread = [
            graph.int64([0]),
            graph.constant('int64', heads, [this.#heads, 1, 1]),
            graph.op('Unsqueeze', [positions, graph.int64([1])]),
          ].map((index) => graph.op('Expand', [index, shape]));
          return [graph.op('Concat', spread, { axis: -1 })];
        }),
        else_branch: graph.branch('nowhere', () => [
          graph.op('Identity', [graph.constant('int64', new BigInt64Array(3), [1, 1, 1, 3])]),
        ]),
      },
    });
    return places;
  }
}
