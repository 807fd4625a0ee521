/**
 * The transformer of Bark's stages in ONNX Runtime's own operators: attention without a score matrix
 * in memory, skip connections summed inside the norms, weights in any format. Letters: B rows, n new
 * positions, C positions a cache holds, H heads of width D, h = H * D.
 */
import type { BlockWeights, NormWeights } from '../checkpoint/weights.ts';
import { BlockWriter, blockAt, Sequences } from './fused-blocks.ts';
import { Int8Cache, type CacheScales } from './int8-cache.ts';
import { linear, outputsOf, rowsOf, type LinearFormat, type Matrix } from './linear.ts';
import { CONTRIB, GraphBuilder, type OnnxModel, type Value } from './onnx-model.ts';

export interface Geometry {
  readonly layers: number;
  readonly heads: number;
  readonly hiddenSize: number;
}

export interface CausalGraphWeights {
  readonly layers: readonly BlockWeights<Matrix>[];
  readonly lnFinal: NormWeights;
  readonly head: Matrix;
}

/**
 * A causal stage that writes its cache in place: bind each `present_*` to the memory of its `past_*`.
 * Inputs: `hidden` [B, n, h] with positions added, `last` int32 [B] (index of each row's last position,
 * new ones counted), `total` int32 [] (most positions of a row, new ones counted), `past_key_i` and
 * `past_value_i` [B, H, C, D]. Outputs: `logits` [B, 1, V] of the last new position, `present_key_i`
 * and `present_value_i`. More than one new position needs B = 1. Caches are float32, or int8 where `scales`
 * of every layer are given.
 */
export function cachedCausalGraph(
  name: string,
  geometry: Geometry,
  weights: CausalGraphWeights,
  format: LinearFormat,
  scales: readonly CacheScales[] | null,
): OnnxModel {
  const { heads, hiddenSize } = geometry;
  const cache = ['B', heads, 'C', hiddenSize / heads];
  const type = scales === null ? 'float32' : 'int8';
  const graph = new GraphBuilder(name);
  const last = graph.input('last', 'int32', ['B']);
  const total = graph.input('total', 'int32', []);
  let int8Cache: Int8Cache | null = null;
  return causalBody(graph, geometry, weights, format, (sequences, joined, layer) => {
    const past = ['key', 'value'].map((kind) => graph.input(`past_${kind}_${layer}`, type, cache));
    const present = ['key', 'value'].map((kind) => `present_${kind}_${layer}`);
    for (const output of present) graph.outputAsIs(output, type, cache);
    if (scales !== null) {
      int8Cache ??= new Int8Cache(graph, sequences, geometry, { last, total });
      return int8Cache.attend(joined, past, present, scalesAt(scales, layer));
    }
    const mixed = graph.fresh('mixed');
    graph.add({
      type: 'GroupQueryAttention',
      domain: CONTRIB,
      inputs: [sequences.parted(joined, 3 * hiddenSize), '', '', ...past, last, total],
      outputs: [mixed, ...present],
      attributes: { num_heads: heads, kv_num_heads: heads },
    });
    return sequences.joined(mixed);
  });
}

function scalesAt(scales: readonly CacheScales[], layer: number): CacheScales {
  const found = scales[layer];
  if (found === undefined) throw new RangeError(`Layer ${layer} has no scales of a cache.`);
  return found;
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
  return causalBody(graph, geometry, weights, format, (sequences, joined, layer) => {
    const mixed = graph.fresh('mixed');
    const rows = ['key', 'value'].map((kind) => `${kind}_${layer}`);
    graph.add({
      type: 'GroupQueryAttention',
      domain: CONTRIB,
      inputs: [sequences.parted(joined, 3 * hiddenSize), '', '', '', '', last, total],
      outputs: [mixed, ...rows],
      attributes: { num_heads: heads, kv_num_heads: heads },
    });
    for (const output of rows) {
      graph.outputAsIs(output, 'float32', ['B', heads, 'n', hiddenSize / heads]);
    }
    return sequences.joined(mixed);
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
  return causalBody(graph, geometry, weights, format, (_, joined, layer) => {
    // [1, 3h] -> three of [1, H, 1, D]: with one position that is no transposition
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
    return graph.op('Reshape', [mixed, graph.int64([1, h])]);
  });
}

/**
 * Norms, projections and MLPs around the `attend` of the caller, who gets [rows, 3h] and answers [rows, h];
 * `hidden` in, `logits` of each sequence's last position out.
 */
function causalBody(
  graph: GraphBuilder,
  geometry: Geometry,
  weights: CausalGraphWeights,
  format: LinearFormat,
  attend: (sequences: Sequences, joined: Value, layer: number) => Value,
): OnnxModel {
  const { hiddenSize: h, layers } = geometry;
  const writer = new BlockWriter(graph, h, format);
  const sequences = new Sequences(graph, graph.input('hidden', 'float32', ['B', 'n', h]), h);
  let x = sequences.rows;
  let normed = writer.norm(x, blockAt(weights.layers, 0).ln1);
  for (let i = 0; i < layers; i += 1) {
    const block = blockAt(weights.layers, i);
    let mixed = attend(sequences, linear(graph, normed, block.attProj, h, format), i);
    if (i === layers - 1) {
      // only the last position is scored; its keys and values have been kept above
      mixed = sequences.last(mixed);
      x = sequences.last(x);
    }
    const next = i + 1 < layers ? blockAt(weights.layers, i + 1).ln1 : weights.lnFinal;
    ({ x, normed } = writer.afterAttention(x, mixed, block, next));
  }
  const logits = linear(graph, normed, { weight: weights.head, bias: null }, h, format);
  const vocabularySize = outputsOf(weights.head, h);
  const bySequence = graph.op('Reshape', [logits, graph.int64([-1, 1, vocabularySize])]);
  graph.output('logits', bySequence, 'float32', ['B', 1, vocabularySize]);
  return graph.build();
}

/**
 * The fine stage: every position sees every other. Inputs: `hidden` [B, n, h], `from_row` int64 [1] (first
 * row that is scored), `head` [V, h]. Output: `logits` [B, n - from_row, V]. The last layer computes
 * queries and MLP of the scored rows alone.
 */
export function fusedFineGraph(
  geometry: Geometry,
  weights: { readonly layers: readonly BlockWeights<Matrix>[]; readonly lnFinal: NormWeights },
  vocabularySize: number,
  format: LinearFormat,
): OnnxModel {
  const { hiddenSize: h, layers, heads } = geometry;
  const graph = new GraphBuilder('fine');
  const writer = new BlockWriter(graph, h, format);
  const hidden = graph.input('hidden', 'float32', ['B', 'n', h]);
  const fromRow = graph.input('from_row', 'int64', [1]);
  const head = graph.input('head', 'float32', [vocabularySize, h]);
  const scoredOf = (value: Value): Value =>
    graph.op('Slice', [value, fromRow, graph.int64([Number.MAX_SAFE_INTEGER]), graph.int64([1])]);
  const all = new Sequences(graph, hidden, h);
  const scored = new Sequences(graph, scoredOf(hidden), h);
  const onlyScored = (rows: Value): Value => all.joined(scoredOf(all.parted(rows, h)));

  let x = all.rows;
  let normed = writer.norm(x, blockAt(weights.layers, 0).ln1);
  for (let i = 0; i < layers; i += 1) {
    const block = blockAt(weights.layers, i);
    const isLast = i === layers - 1;
    const part = (value: Value, from: number, until: number): Value =>
      linear(graph, value, rowsOf(block.attProj, h, from * h, until * h), h, format);
    const [query = '', key = '', value = ''] = isLast
      ? [part(onlyScored(normed), 0, 1), part(normed, 1, 2), part(normed, 2, 3)]
      : graph.ops('Split', [part(normed, 0, 3)], 3, { axis: 1, num_outputs: 3 });
    if (isLast) x = onlyScored(x);
    const mixed = graph.contrib(
      'MultiHeadAttention',
      [(isLast ? scored : all).parted(query, h), all.parted(key, h), all.parted(value, h)],
      { num_heads: heads },
    );
    const next = isLast ? weights.lnFinal : blockAt(weights.layers, i + 1).ln1;
    ({ x, normed } = writer.afterAttention(x, all.joined(mixed), block, next));
  }
  const logits = graph.contrib('FusedMatMul', [scored.parted(normed, h), head], { transB: 1 });
  graph.output('logits', logits, 'float32', ['B', 'r', vocabularySize]);
  return graph.build();
}
