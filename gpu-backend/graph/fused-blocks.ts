/**
 * What every layer of the fused graphs has around its attention. Rows lie one after the other, whichever
 * sequence they are of; only attention has to know which.
 */
import type { BlockWeights, NormWeights } from '../checkpoint/weights.ts';
import { linear, type LinearFormat, type Matrix } from './linear.ts';
import { type GraphBuilder, type Value } from './onnx-model.ts';

const EPSILON = 1e-5;

/** Positions of sequences as rows one after the other: [B, n, width] and [B * n, width]. */
export class Sequences {
  readonly #graph: GraphBuilder;
  readonly #width: number;
  readonly #counts: Value;
  /** What it was made of, as rows. */
  readonly rows: Value;

  /** Of `hidden` [B, n, width]. */
  constructor(graph: GraphBuilder, hidden: Value, width: number) {
    this.#graph = graph;
    this.#width = width;
    this.#counts = graph.op('Shape', [hidden], { end: 2 });
    this.rows = this.joined(hidden);
  }

  /** n, int64 [1]. */
  positions(): Value {
    const graph = this.#graph;
    return graph.op('Slice', [this.#counts, graph.int64([1]), graph.int64([2])]);
  }

  /** [B, n, width] as rows. */
  joined(value: Value): Value {
    return this.#graph.op('Reshape', [value, this.#graph.int64([-1, this.#width])]);
  }

  /** Rows of any width as [B, n, width]. */
  parted(rows: Value, width: number): Value {
    const shape = this.#graph.op('Concat', [this.#counts, this.#graph.int64([width])], { axis: 0 });
    return this.#graph.op('Reshape', [rows, shape]);
  }

  /** The row of each sequence's last position. */
  last(rows: Value): Value {
    const graph = this.#graph;
    const sliced = graph.op('Slice', [
      this.parted(rows, this.#width),
      graph.int64([-1]),
      graph.int64([Number.MAX_SAFE_INTEGER]),
      graph.int64([1]),
    ]);
    return this.joined(sliced);
  }
}

export class BlockWriter {
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
    block: BlockWeights<Matrix>,
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

  /** The sum of both, and its norm: the operator for both at once takes three times as long. */
  #skipNorm(x: Value, skip: Value, norm: NormWeights): { x: Value; normed: Value } {
    const sum = this.#graph.op('Add', [x, skip]);
    return { x: sum, normed: this.norm(sum, norm) };
  }
}

export function blockAt(
  blocks: readonly BlockWeights<Matrix>[],
  index: number,
): BlockWeights<Matrix> {
  const block = blocks[index];
  if (block === undefined)
    throw new RangeError(`The weights have ${blocks.length} layers; layer ${index} is wanted.`);
  return block;
}
