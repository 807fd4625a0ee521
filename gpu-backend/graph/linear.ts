/** y = x W^T + b in the number format of the weights. */
import { Int8Matrix } from './int8-matrix.ts';
import type { GraphBuilder, Value } from './onnx-model.ts';
import { roundBlocks } from './int4-blocks.ts';

/**
 * How a matrix is stored and multiplied. A row's result has the same bits alone and among others: `int8`
 * rounds each row by a scale of its own and sums integers, `int4` rounds blocks of a row.
 */
export type LinearFormat = 'float32' | 'int8' | 'int4';

/** [out, in]; one that is rounded already is multiplied in its own format. */
export type Matrix = Float32Array | Int8Matrix;

export interface Linear {
  readonly weight: Matrix;
  /** [out]; null means zeros. */
  readonly bias: Float32Array | null;
}

/** Outputs of a matrix [out, in]. */
export function outputsOf(weight: Matrix, inputs: number): number {
  return weight instanceof Int8Matrix ? weight.outputs : weight.length / inputs;
}

/** The part of a product that gives the outputs `from` to `until`. */
export function rowsOf(
  { weight, bias }: Linear,
  inputs: number,
  from: number,
  until: number,
): Linear {
  if (from === 0 && until === outputsOf(weight, inputs)) return { weight, bias };
  return {
    weight:
      weight instanceof Int8Matrix
        ? weight.part(from, until)
        : weight.subarray(from * inputs, until * inputs),
    bias: bias === null ? null : bias.subarray(from, until),
  };
}

/** Rows are rounded to -127..127 and stored from this on: the fastest kernel multiplies unsigned by signed. */
const ROW_ZERO = 128;
/** Let MatMulNBits round its input to eight bits too and use the integer units. */
const INT8_ARITHMETIC = 4;

/** `x` [rows, in] to [rows, out]. */
export function linear(
  graph: GraphBuilder,
  x: Value,
  { weight, bias }: Linear,
  inputs: number,
  format: LinearFormat,
): Value {
  const product = multiply(graph, x, weight, inputs, format);
  return bias === null ? product : graph.op('Add', [product, graph.weight(bias, [bias.length])]);
}

function multiply(
  graph: GraphBuilder,
  x: Value,
  weight: Matrix,
  inputs: number,
  format: LinearFormat,
): Value {
  if (weight instanceof Int8Matrix) return multiplyInt8(graph, x, weight);
  const outputs = weight.length / inputs;
  if (format === 'int8') {
    return multiplyInt8(graph, x, new Int8Matrix(outputs, inputs).round(weight));
  }
  if (format === 'int4') return multiplyInt4(graph, x, weight, outputs, inputs);
  return graph.contrib('FusedMatMul', [x, graph.weight(weight, [outputs, inputs])], { transB: 1 });
}

function multiplyInt8(graph: GraphBuilder, x: Value, matrix: Int8Matrix): Value {
  const { values, scales, inputs, outputs } = matrix;
  const axis = graph.int64([1]);
  const largest = graph.op('ReduceMax', [graph.op('Abs', [x]), axis]);
  // a row of zeros has a step of zero: whatever it is rounded to, its product is zero
  const step = graph.op('Mul', [largest, graph.scalar(1 / 127)]);
  const steps = graph.op('Squeeze', [step, axis]);
  const zero = graph.uint8(ROW_ZERO);
  const zeros = graph.op('Expand', [zero, graph.op('Shape', [steps])]);
  const product = graph.contrib('MatMulIntegerToFloat', [
    graph.op('QuantizeLinear', [x, steps, zeros], { axis: 0 }),
    graph.constant('int8', values, [inputs, outputs]),
    graph.scalar(1),
    graph.weight(scales, [outputs]),
    zero,
  ]);
  return graph.op('Mul', [product, step]);
}

function multiplyInt4(
  graph: GraphBuilder,
  x: Value,
  weight: Float32Array,
  outputs: number,
  inputs: number,
): Value {
  const { values, scales, blockSize } = roundBlocks(weight, outputs, inputs);
  const blocks = Math.ceil(inputs / blockSize);
  return graph.contrib(
    'MatMulNBits',
    [
      x,
      graph.constant('uint8', values, [outputs, blocks, blockSize / 2]),
      graph.weight(scales, [outputs, blocks]),
    ],
    { K: inputs, N: outputs, bits: 4, block_size: blockSize, accuracy_level: INT8_ARITHMETIC },
  );
}
