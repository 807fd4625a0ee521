/**
 * The transformer of Bark's three stages as an ONNX graph, in plain operators: the reference that
 * faster graphs are measured against. Letters: B rows, n new positions, T past positions, h width.
 *
 * Embeddings are summed before the graph and come in as `hidden`; so one graph serves the merged
 * text-and-history prompt, single ids and the fine stage's sum over codebooks.
 */
import type { BlockWeights, LinearWeights, NormWeights } from '../checkpoint/weights.ts';
import { GraphBuilder, type OnnxModel, type Value } from './onnx-model.ts';

/** LayerNorm epsilon of all three stages. */
const EPSILON = 1e-5;

interface Geometry {
  readonly layers: number;
  readonly heads: number;
  readonly hiddenSize: number;
}

/**
 * A causal stage with its cache. Inputs: `hidden` [B, n, h] with positions added, `mask` [n, T + n]
 * added to the scores (0 or the most negative float), `logit_rows` int64 [r] of the n rows to read,
 * `past_key_i` and `past_value_i` [B, T, h]. Outputs: `logits` [B, r, V], `key_i` and `value_i`: the new
 * rows of the cache [B, n, h], or all of it [B, T + n, h].
 */
export function causalGraph(
  name: string,
  geometry: Geometry,
  weights: {
    readonly layers: readonly BlockWeights[];
    readonly lnFinal: NormWeights;
    readonly head: Float32Array;
  },
  vocabularySize: number,
  cacheOut: 'new-rows' | 'whole' = 'new-rows',
): OnnxModel {
  const { layers, heads, hiddenSize: h } = geometry;
  const graph = new GraphBuilder(name);
  const shape: Value = graph.op('Shape', [graph.input('hidden', 'float32', ['B', 'n', h])]);
  const mask = graph.input('mask', 'float32', ['n', 'total']);
  const rows = graph.input('logit_rows', 'int64', ['r']);

  let x: Value = 'hidden';
  for (let i = 0; i < layers; i += 1) {
    const block = blockAt(weights.layers, i);
    const pastKey = graph.input(`past_key_${i}`, 'float32', ['B', 'T', h]);
    const pastValue = graph.input(`past_value_${i}`, 'float32', ['B', 'T', h]);
    const { query, key, value } = queryKeyValue(graph, x, block, h, shape);
    const keys = graph.op('Concat', [pastKey, key], { axis: 1 });
    const values = graph.op('Concat', [pastValue, value], { axis: 1 });
    const [positions, keyOut, valueOut] =
      cacheOut === 'whole' ? ['total', keys, values] : ['n', key, value];
    graph.output(`key_${i}`, keyOut, 'float32', ['B', positions, h]);
    graph.output(`value_${i}`, valueOut, 'float32', ['B', positions, h]);
    const mixed = attention(graph, query, keys, values, { heads, hiddenSize: h, mask });
    x = residual(graph, x, mixed, block, h, shape);
  }
  const last = graph.op('Gather', [x, rows], { axis: 1 });
  const head = graph.weight(weights.head, [vocabularySize, h]);
  const flat = graph.op(
    'Gemm',
    [flatten(graph, layerNorm(graph, last, weights.lnFinal), h), head],
    { transB: 1 },
  );
  const logits = graph.op('Reshape', [
    flat,
    graph.op('Concat', [graph.op('Shape', [last], { end: 2 }), graph.int64([vocabularySize])], {
      axis: 0,
    }),
  ]);
  graph.output('logits', logits, 'float32', ['B', 'r', vocabularySize]);
  return graph.build();
}

/**
 * The fine stage: no mask, no cache. Inputs: `hidden` [B, n, h], `logit_rows` int64 [r], `head` int64 []
 * (which of the heads reads the rows). Output: `logits` [B * r, V].
 */
export function fineGraph(
  geometry: Geometry,
  weights: {
    readonly layers: readonly BlockWeights[];
    readonly lnFinal: NormWeights;
    readonly heads: readonly Float32Array[];
  },
  vocabularySize: number,
): OnnxModel {
  const { layers, heads, hiddenSize: h } = geometry;
  const graph = new GraphBuilder('fine');
  const shape: Value = graph.op('Shape', [graph.input('hidden', 'float32', ['B', 'n', h])]);
  const rows = graph.input('logit_rows', 'int64', ['r']);
  const headIndex = graph.input('head', 'int64', []);

  let x: Value = 'hidden';
  for (let i = 0; i < layers; i += 1) {
    const block = blockAt(weights.layers, i);
    const { query, key, value } = queryKeyValue(graph, x, block, h, shape);
    const mixed = attention(graph, query, key, value, { heads, hiddenSize: h });
    x = residual(graph, x, mixed, block, h, shape);
  }
  const read = layerNorm(graph, graph.op('Gather', [x, rows], { axis: 1 }), weights.lnFinal);
  const stacked = graph.op(
    'Concat',
    weights.heads.map((head) => graph.weight(head, [1, vocabularySize, h])),
    { axis: 0 },
  );
  const head = graph.op('Gather', [stacked, headIndex], { axis: 0 });
  graph.output(
    'logits',
    graph.op('Gemm', [flatten(graph, read, h), head], { transB: 1 }),
    'float32',
    ['rows', vocabularySize],
  );
  return graph.build();
}

export function blockAt(blocks: readonly BlockWeights[], index: number): BlockWeights {
  const block = blocks[index];
  if (block === undefined)
    throw new RangeError(`The weights have ${blocks.length} layers; layer ${index} is wanted.`);
  return block;
}

export function queryKeyValue(
  graph: GraphBuilder,
  x: Value,
  block: BlockWeights,
  h: number,
  shape: Value,
): { query: Value; key: Value; value: Value } {
  const joined = linear(graph, layerNorm(graph, x, block.ln1), block.attProj, h, 3 * h);
  const [query = '', key = '', value = ''] = graph.ops('Split', [joined], 3, {
    axis: 1,
    num_outputs: 3,
  });
  return {
    query: graph.op('Reshape', [query, shape]),
    key: graph.op('Reshape', [key, shape]),
    value: graph.op('Reshape', [value, shape]),
  };
}

/** softmax(q k^T / sqrt(d) + mask) v, heads side by side; all values [B, positions, h]. */
function attention(
  graph: GraphBuilder,
  query: Value,
  keys: Value,
  values: Value,
  options: { heads: number; hiddenSize: number; mask?: Value },
): Value {
  const { heads, hiddenSize, mask } = options;
  const width = hiddenSize / heads;
  const byHead = (value: Value, perm: readonly number[]): Value =>
    graph.op('Transpose', [graph.op('Reshape', [value, graph.int64([0, 0, heads, width])])], {
      perm,
    });
  const scaled = graph.op('Mul', [
    graph.op('MatMul', [byHead(query, [0, 2, 1, 3]), byHead(keys, [0, 2, 3, 1])]),
    graph.scalar(1 / Math.sqrt(width)),
  ]);
  const scores = mask === undefined ? scaled : graph.op('Add', [scaled, mask]);
  const weights = graph.op('Softmax', [scores], { axis: -1 });
  const mixed = graph.op('MatMul', [weights, byHead(values, [0, 2, 1, 3])]);
  return graph.op('Transpose', [mixed], { perm: [0, 2, 1, 3] });
}

/** Adds what attention found, then the MLP, each after its projection. */
export function residual(
  graph: GraphBuilder,
  x: Value,
  mixed: Value,
  block: BlockWeights,
  h: number,
  shape: Value,
): Value {
  const attended = graph.op('Reshape', [linear(graph, mixed, block.outProj, h, h), shape]);
  const between = graph.op('Add', [x, attended]);
  const wide = linear(graph, layerNorm(graph, between, block.ln2), block.mlpIn, h, 4 * h);
  const narrow = linear(graph, graph.op('Gelu', [wide]), block.mlpOut, 4 * h, h);
  return graph.op('Add', [between, graph.op('Reshape', [narrow, shape])]);
}

/** y = x W^T + b over the flattened positions: [.., in] -> [positions, out]. */
function linear(
  graph: GraphBuilder,
  x: Value,
  weights: LinearWeights,
  inputs: number,
  outputs: number,
): Value {
  const operands = [flatten(graph, x, inputs), graph.weight(weights.weight, [outputs, inputs])];
  if (weights.bias !== null) operands.push(graph.weight(weights.bias, [outputs]));
  return graph.op('Gemm', operands, { transB: 1 });
}

export function flatten(graph: GraphBuilder, x: Value, width: number): Value {
  return graph.op('Reshape', [x, graph.int64([-1, width])]);
}

export function layerNorm(graph: GraphBuilder, x: Value, { weight, bias }: NormWeights): Value {
  const operands = [x, graph.weight(weight, [weight.length])];
  if (bias !== null) operands.push(graph.weight(bias, [bias.length]));
  return graph.op('LayerNormalization', operands, { axis: -1, epsilon: { float: EPSILON } });
}
