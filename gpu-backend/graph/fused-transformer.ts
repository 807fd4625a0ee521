/**
 * The transformer of Bark's stages in ONNX Runtime's own operators: attention without a score matrix
 * in memory, skip connections summed inside the norms, weights in any format. Letters: B rows, n new
 * positions, C positions a cache holds, H heads of width D, h = H * D.
 */
import type { BlockWeights, NormWeights } from '../checkpoint/weights.ts';
import { linear, type LinearFormat } from './linear.ts';
import { CONTRIB, GraphBuilder, type OnnxModel, type Value } from './onnx-model.ts';

const EPSILON = 1e-5;

export interface Geometry {
  readonly layers: number;
  readonly heads: number;
  readonly hiddenSize: number;
}

export interface CausalGraphWeights {
  readonly layers: readonly BlockWeights[];
  readonly lnFinal: NormWeights;
  readonly head: Float32Array;
}

/**
 * A causal stage that writes its cache in place: bind each `present_*` to the memory of its `past_*`.
 * Inputs: `hidden` [B, n, h] with positions added, `last` int32 [B] (index of each row's last position,
 * new ones counted), `total` int32 [] (most positions of a row, new ones counted), `past_key_i` and
 * `past_value_i` [B, H, C, D]. Outputs: `logits` [B, 1, V] of the last new position, `present_key_i`
 * and `present_value_i`. More than one new position needs B = 1.
 */
export function cachedCausalGraph(
  name: string,
  geometry: Geometry,
  weights: CausalGraphWeights,
  format: LinearFormat,
): OnnxModel {
  const { heads, hiddenSize } = geometry;
  const cache = ['B', heads, 'C', hiddenSize / heads];
  const graph = new GraphBuilder(name);
  const last = graph.input('last', 'int32', ['B']);
  const total = graph.input('total', 'int32', []);
  return causalBody(graph, geometry, weights, format, (joined, layer) => {
    const mixed = graph.fresh('mixed');
    const past = ['key', 'value'].map((kind) =>
      graph.input(`past_${kind}_${layer}`, 'float32', cache),
    );
    const present = ['key', 'value'].map((kind) => `present_${kind}_${layer}`);
    graph.add({
      type: 'GroupQueryAttention',
      domain: CONTRIB,
      inputs: [joined, '', '', ...past, last, total],
      outputs: [mixed, ...present],
      attributes: { num_heads: heads, kv_num_heads: heads },
    });
    for (const output of present) graph.outputAsIs(output, 'float32', cache);
    return mixed;
  });
}

/**
 * A causal stage's first positions, without a cache. Inputs: `hidden` [1, n, h], `last` int32 [1] = n - 1,
 * `total` int32 [] = n. Outputs: `logits` [1, 1, V], `key_i` and `value_i` [1, H, n, D].
 */
export function promptGraph(
  name: string,
  geometry: Geometry,
  weights: CausalGraphWeights,
  format: LinearFormat,
): OnnxModel {
  const { heads, hiddenSize } = geometry;
  const graph = new GraphBuilder(`${name}_prompt`);
  const last = graph.input('last', 'int32', ['B']);
  const total = graph.input('total', 'int32', []);
  return causalBody(graph, geometry, weights, format, (joined, layer) => {
    const mixed = graph.fresh('mixed');
    const rows = ['key', 'value'].map((kind) => `${kind}_${layer}`);
    graph.add({
      type: 'GroupQueryAttention',
      domain: CONTRIB,
      inputs: [joined, '', '', '', '', last, total],
      outputs: [mixed, ...rows],
      attributes: { num_heads: heads, kv_num_heads: heads },
    });
    for (const output of rows) {
      graph.outputAsIs(output, 'float32', ['B', heads, 'n', hiddenSize / heads]);
    }
    return mixed;
  });
}

/**
 * One more position of a causal stage whose cache is read only: what is past and what is new are
 * scored apart and share one softmax. Inputs: `hidden` [1, 1, h], `mask` [C] added to the past's scores
 * (0, or the most negative float beyond the filled part), `past_key_i` and `past_value_i` [1, H, C, D].
 * Outputs: `logits` [1, 1, V], `key_i` and `value_i` [1, H, 1, D].
 */
export function stepGraph(
  name: string,
  geometry: Geometry,
  weights: CausalGraphWeights,
  format: LinearFormat,
): OnnxModel {
  const { heads, hiddenSize: h } = geometry;
  const width = h / heads;
  const graph = new GraphBuilder(`${name}_step`);
  const mask = graph.input('mask', 'float32', ['C']);
  const scale = { float: 1 / Math.sqrt(width) };
  return causalBody(graph, geometry, weights, format, (joined, layer) => {
    // [1, 1, 3h] -> three of [1, H, 1, D]: with one position that is no transposition
    const parts = graph.op('Reshape', [joined, graph.int64([3, heads, 1, width])]);
    const [query = '', key = '', value = ''] = graph.ops('Split', [parts], 3, {
      axis: 0,
      num_outputs: 3,
    });
    const cache = [1, heads, 'C', width];
    const pastKey = graph.input(`past_key_${layer}`, 'float32', cache);
    const pastValue = graph.input(`past_value_${layer}`, 'float32', cache);
    const product = (keys: Value): Value =>
      graph.contrib('FusedMatMul', [query, keys], { transB: 1, alpha: scale });
    const scores = graph.op('Concat', [graph.op('Add', [product(pastKey), mask]), product(key)], {
      axis: -1,
    });
    const shares = graph.op('Softmax', [scores], { axis: -1 });
    const axis = graph.int64([3]);
    const ofPast = graph.op('Slice', [shares, graph.int64([0]), graph.int64([-1]), axis]);
    const ofNew = graph.op('Slice', [
      shares,
      graph.int64([-1]),
      graph.int64([Number.MAX_SAFE_INTEGER]),
      axis,
    ]);
    const mixed = graph.op('Add', [
      graph.op('MatMul', [ofPast, pastValue]),
      graph.op('Mul', [ofNew, value]),
    ]);
    graph.output(`key_${layer}`, key, 'float32', [1, heads, 1, width]);
    graph.output(`value_${layer}`, value, 'float32', [1, heads, 1, width]);
    return graph.op('Reshape', [mixed, graph.int64([1, 1, h])]);
  });
}

/** Norms, projections and MLPs around the `attend` of the caller; `hidden` in, `logits` of the last position out. */
function causalBody(
  graph: GraphBuilder,
  geometry: Geometry,
  weights: CausalGraphWeights,
  format: LinearFormat,
  attend: (joined: Value, layer: number) => Value,
): OnnxModel {
  const { hiddenSize: h, layers } = geometry;
  const writer = new BlockWriter(graph, h, format);
  let x = graph.input('hidden', 'float32', ['B', 'n', h]);
  let normed = writer.norm(x, blockAt(weights.layers, 0).ln1);
  for (let i = 0; i < layers; i += 1) {
    const block = blockAt(weights.layers, i);
    let mixed = attend(linear(graph, normed, block.attProj, h, format), i);
    if (i === layers - 1) {
      // only the last position is scored; its keys and values have been kept above
      mixed = lastPosition(graph, mixed);
      x = lastPosition(graph, x);
    }
    const next = i + 1 < layers ? blockAt(weights.layers, i + 1).ln1 : weights.lnFinal;
    ({ x, normed } = writer.afterAttention(x, mixed, block, next));
  }
  const logits = linear(graph, normed, { weight: weights.head, bias: null }, h, format);
  graph.output('logits', logits, 'float32', ['B', 1, weights.head.length / h]);
  return graph.build();
}

/**
 * The fine stage: every position sees every other. Inputs: `hidden` [B, n, h], `from_row` int64 [1] (first
 * row that is scored), `head` [V, h]. Output: `logits` [B, n - from_row, V]. The last layer computes
 * queries and MLP of the scored rows alone.
 */
export function fusedFineGraph(
  geometry: Geometry,
  weights: { readonly layers: readonly BlockWeights[]; readonly lnFinal: NormWeights },
  vocabularySize: number,
  format: LinearFormat,
): OnnxModel {
  const { hiddenSize: h, layers, heads } = geometry;
  const graph = new GraphBuilder('fine');
  const writer = new BlockWriter(graph, h, format);
  let x = graph.input('hidden', 'float32', ['B', 'n', h]);
  const fromRow = graph.input('from_row', 'int64', [1]);
  const head = graph.input('head', 'float32', [vocabularySize, h]);
  const scored = (value: Value): Value =>
    graph.op('Slice', [value, fromRow, graph.int64([Number.MAX_SAFE_INTEGER]), graph.int64([1])]);

  let normed = writer.norm(x, blockAt(weights.layers, 0).ln1);
  for (let i = 0; i < layers; i += 1) {
    const block = blockAt(weights.layers, i);
    const isLast = i === layers - 1;
    const { weight, bias } = block.attProj;
    const part = (value: Value, from: number, until: number): Value =>
      linear(
        graph,
        value,
        {
          weight: weight.subarray(from * h * h, until * h * h),
          bias: bias === null ? null : bias.subarray(from * h, until * h),
        },
        h,
        format,
      );
    const operands = isLast
      ? [part(scored(normed), 0, 1), part(normed, 1, 2), part(normed, 2, 3)]
      : graph.ops('Split', [part(normed, 0, 3)], 3, { axis: 2, num_outputs: 3 });
    if (isLast) x = scored(x);
    const mixed = graph.contrib('MultiHeadAttention', operands, { num_heads: heads });
    const next = isLast ? weights.lnFinal : blockAt(weights.layers, i + 1).ln1;
    ({ x, normed } = writer.afterAttention(x, mixed, block, next));
  }
  const logits = graph.contrib('FusedMatMul', [normed, head], { transB: 1 });
  graph.output('logits', logits, 'float32', ['B', 'r', vocabularySize]);
  return graph.build();
}

class BlockWriter {
  readonly #graph: GraphBuilder;
  readonly #hiddenSize: number;
  readonly #format: LinearFormat;

  constructor(graph: GraphBuilder, hiddenSize: number, format: LinearFormat) {
    this.#graph = graph;
    this.#hiddenSize = hiddenSize;
    this.#format = format;
  }

  norm(x: Value, { weight, bias }: NormWeights): Value {
    const operands = [x, this.#graph.weight(weight, [weight.length])];
    if (bias !== null) operands.push(this.#graph.weight(bias, [bias.length]));
    return this.#graph.op('LayerNormalization', operands, {
      axis: -1,
      epsilon: { float: EPSILON },
    });
  }

  /** Output projection and MLP of a layer, and the norm that the next one begins with. */
  afterAttention(
    x: Value,
    mixed: Value,
    block: BlockWeights,
    next: NormWeights,
  ): { x: Value; normed: Value } {
    const h = this.#hiddenSize;
    const attended = linear(this.#graph, mixed, block.outProj, h, this.#format);
    const between = this.#skipNorm(attended, x, block.ln2);
    const wide = linear(this.#graph, between.normed, block.mlpIn, h, this.#format);
    const narrow = linear(
      this.#graph,
      this.#graph.op('Gelu', [wide]),
      block.mlpOut,
      4 * h,
      this.#format,
    );
    return this.#skipNorm(narrow, between.x, next);
  }

  /** The sum of both, and its norm, in one node. */
  #skipNorm(x: Value, skip: Value, { weight, bias }: NormWeights): { x: Value; normed: Value } {
    const graph = this.#graph;
    const normed = graph.fresh('normed');
    const sum = graph.fresh('sum');
    const operands = [x, skip, graph.weight(weight, [weight.length])];
    if (bias !== null) operands.push(graph.weight(bias, [bias.length]));
    graph.add({
      type: 'SkipLayerNormalization',
      domain: CONTRIB,
      inputs: operands,
      outputs: [normed, '', '', sum],
      attributes: { epsilon: { float: EPSILON } },
    });
    return { x: sum, normed };
  }
}

function lastPosition(graph: GraphBuilder, value: Value): Value {
  return graph.op('Slice', [
    value,
    graph.int64([-1]),
    graph.int64([Number.MAX_SAFE_INTEGER]),
    graph.int64([1]),
  ]);
}

function blockAt(blocks: readonly BlockWeights[], index: number): BlockWeights {
  const block = blocks[index];
  if (block === undefined)
    throw new RangeError(`The weights have ${blocks.length} layers; layer ${index} is wanted.`);
  return block;
}
