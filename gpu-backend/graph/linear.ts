/** y = x W^T + b in the number format of the weights; x may have any rank, its last axis is the input. */
import type { GraphBuilder, Value } from './onnx-model.ts';
import { quantizeBlocks, quantizeColumns } from './quantize.ts';

/**
 * How a matrix is stored and multiplied. `int8-columns` rounds the whole input of one multiplication
 * with one scale: the fastest for many positions, but rows see one another's scale. The block formats
 * round each row by itself, so a row's result does not depend on its neighbours.
 */
export type LinearFormat = 'float32' | 'int8-columns' | 'int8-blocks' | 'int4-blocks';

/** Let MatMulNBits round its input to eight bits too and use the integer units. */
const INT8_ARITHMETIC = 4;

export interface Linear {
  /** [out, in]. */
  readonly weight: Float32Array;
  /** [out]; null means zeros. */
  readonly bias: Float32Array | null;
}

export function linear(
  graph: GraphBuilder,
  x: Value,
  { weight, bias }: Linear,
  inputs: number,
  format: LinearFormat,
): Value {
  const outputs = weight.length / inputs;
  const biasValue = bias === null ? '' : graph.weight(bias, [outputs]);
  if (format === 'float32') {
    const product = graph.contrib('FusedMatMul', [x, graph.weight(weight, [outputs, inputs])], {
      transB: 1,
    });
    return biasValue === '' ? product : graph.op('Add', [product, biasValue]);
  }
  if (format === 'int8-columns') {
    const { values, scales } = quantizeColumns(weight, outputs, inputs);
    const operands = [
      x,
      graph.constant('int8', values, [inputs, outputs]),
      graph.weight(scales, [outputs]),
      '',
      biasValue,
    ];
    return graph.contrib('DynamicQuantizeMatMul', trimmed(operands));
  }
  const bits = format === 'int8-blocks' ? 8 : 4;
  const { values, scales, blockSize } = quantizeBlocks(weight, outputs, inputs, bits);
  const blocks = Math.ceil(inputs / blockSize);
  const operands = [
    x,
    graph.constant('uint8', values, [outputs, blocks, (blockSize * bits) / 8]),
    graph.weight(scales, [outputs, blocks]),
    '',
    '',
    biasValue,
  ];
  return graph.contrib('MatMulNBits', trimmed(operands), {
    K: inputs,
    N: outputs,
    bits,
    block_size: blockSize,
    accuracy_level: INT8_ARITHMETIC,
  });
}

/** Without the optional inputs at the end that are not given. */
function trimmed(operands: readonly Value[]): readonly Value[] {
  return operands.slice(0, operands.findLastIndex((operand) => operand !== '') + 1);
}
