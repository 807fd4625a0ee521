/**
 * One forward of a stage with everything that can be looked at: logits of all positions, the cache by
 * head, hidden states, attentions. Each but the logits is in the graph only where it is wanted.
 * Letters: B rows, n positions, T past positions, h width, d = h / heads.
 */
import type { BlockWeights, NormWeights } from '../checkpoint/weights.ts';
import { GraphBuilder, type OnnxModel, type Value } from './onnx-model.ts';
import { blockAt, flatten, layerNorm, queryKeyValue, residual } from './transformer.ts';

/** What a graph gives beside its logits. */
export interface ForwardOutputs {
  /** Keys and values of all positions, the past ones first. */
  readonly cache: boolean;
  /** The input of every layer, and the output of the last norm. */
  readonly hiddenStates: boolean;
  /** Every layer's softmax. */
  readonly attentions: boolean;
}

export interface ForwardGeometry {
  readonly layers: number;
  readonly heads: number;
  readonly hiddenSize: number;
  /** Columns of the head. */
  readonly outputVocabularySize: number;
}

export interface ForwardWeights {
  readonly layers: readonly BlockWeights[];
  readonly lnFinal: NormWeights;
}

/**
 * Inputs: `hidden` [B, n, h] with positions added, `mask` [B or 1, 1, n or 1, T + n] added to the scores,
 * `head` [V, h], and of a causal stage `past_key_i` and `past_value_i` [B, heads, T, d]. Outputs: `logits`
 * [B, n, V]; if wanted `key_i` and `value_i` [B, heads, T + n, d], `hidden_0`..`hidden_layers` [B, n, h],
 * `attention_i` [B, heads, n, T + n].
 */
export function forwardGraph(
  name: string,
  geometry: ForwardGeometry,
  { layers, lnFinal }: ForwardWeights,
  { isCausal, outputs }: { readonly isCausal: boolean; readonly outputs: ForwardOutputs },
): OnnxModel {
  const { heads, hiddenSize: h, outputVocabularySize } = geometry;
  const width = h / heads;
  const graph = new GraphBuilder(name);
  const shape = graph.op('Shape', [graph.input('hidden', 'float32', ['B', 'n', h])]);
  const mask = graph.input('mask', 'float32', ['maskRows', 1, 'maskPositions', 'total']);
  // a head is handed in with each run, so that one graph serves all heads of the fine stage
  const head = graph.input('head', 'float32', [outputVocabularySize, h]);
  const byHead = (value: Value): Value =>
    graph.op('Transpose', [graph.op('Reshape', [value, graph.int64([0, 0, heads, width])])], {
      perm: [0, 2, 1, 3],
    });
  const withPast = (kind: string, i: number, fresh: Value): Value => {
    if (!isCausal) return fresh;
    const past = graph.input(`past_${kind}_${i}`, 'float32', ['B', heads, 'T', width]);
    const all = graph.op('Concat', [past, fresh], { axis: 2 });
    if (outputs.cache) {
      graph.output(`${kind}_${i}`, all, 'float32', ['B', heads, 'total', width]);
    }
    return all;
  };

  let x: Value = 'hidden';
  for (let i = 0; i < geometry.layers; i += 1) {
    if (outputs.hiddenStates) graph.output(`hidden_${i}`, x, 'float32', ['B', 'n', h]);
    const block = blockAt(layers, i);
    const { query, key, value } = queryKeyValue(graph, x, block, h, shape);
    const keys = withPast('key', i, byHead(key));
    const values = withPast('value', i, byHead(value));
    const scores = graph.op('Mul', [
      graph.op('MatMul', [byHead(query), graph.op('Transpose', [keys], { perm: [0, 1, 3, 2] })]),
      graph.scalar(1 / Math.sqrt(width)),
    ]);
    const attention = graph.op('Softmax', [graph.op('Add', [scores, mask])], { axis: -1 });
    if (outputs.attentions) {
      graph.output(`attention_${i}`, attention, 'float32', ['B', heads, 'n', 'total']);
    }
    const mixed = graph.op('Transpose', [graph.op('MatMul', [attention, values])], {
      perm: [0, 2, 1, 3],
    });
    x = residual(graph, x, mixed, block, h, shape);
  }
  const last = layerNorm(graph, x, lnFinal);
  if (outputs.hiddenStates) {
    graph.output(`hidden_${geometry.layers}`, last, 'float32', ['B', 'n', h]);
  }
  const logits = graph.op('Reshape', [
    graph.op('Gemm', [flatten(graph, last, h), head], { transB: 1 }),
    graph.op(
      'Concat',
      [graph.op('Shape', ['hidden'], { end: 2 }), graph.int64([outputVocabularySize])],
      { axis: 0 },
    ),
  ]);
  graph.output('logits', logits, 'float32', ['B', 'n', outputVocabularySize]);
  return graph.build();
}
