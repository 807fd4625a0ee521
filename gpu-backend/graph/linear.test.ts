/** Products in rounded numbers, computed by ONNX Runtime. */
import { describe, expect, test } from 'vitest';
import { float32, openSession } from '../models/session.ts';
import { philoxRandomness } from '../pipeline/randomness.ts';
import { Int8Matrix } from './int8-matrix.ts';
import { linear, type Linear, type LinearFormat } from './linear.ts';
import { GraphBuilder } from './onnx-model.ts';

const { signal } = new AbortController();
const draw = philoxRandomness(11)('fine', 0);
const [INPUTS, OUTPUTS] = [96, 40];

function numbers(count: number, from: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => draw(from + i) - 0.5);
}

async function multiply(
  x: Float32Array,
  weights: Linear,
  format: LinearFormat,
): Promise<Float32Array> {
  const graph = new GraphBuilder('product');
  const product = linear(
    graph,
    graph.input('x', 'float32', ['n', INPUTS]),
    weights,
    INPUTS,
    format,
  );
  graph.output('y', product, 'float32', ['n', OUTPUTS]);
  const session = await openSession(graph.build(), { threads: 1 });
  const { y } = await session.run({ x: float32(x, [x.length / INPUTS, INPUTS]) }, signal);
  await session.release();
  if (y === undefined) throw new Error('The graph gives no y.');
  return y;
}

/** How long the difference of a row is beside the row itself. */
function relativeError(have: Float32Array, want: Float32Array): number {
  const square = (sum: number, value: number): number => sum + value * value;
  const difference = have.map((value, i) => value - (want[i] ?? Number.NaN));
  return Math.sqrt(difference.reduce(square, 0) / want.reduce(square, 0));
}

const weight = numbers(OUTPUTS * INPUTS, 0);
const bias = numbers(OUTPUTS, 50_000);
const rowOf = (values: Float32Array, row: number, width: number): Float32Array =>
  values.subarray(row * width, (row + 1) * width);

describe.each([
  ['int8', 0.012],
  ['int4', 0.12],
] as const)('%s', (format, tolerance) => {
  const x = numbers(8 * INPUTS, 60_000);
  // a row may be large without harm to its neighbours
  x.set(
    rowOf(x, 3, INPUTS).map((value) => value * 10_000),
    3 * INPUTS,
  );
  x.fill(0, 5 * INPUTS, 6 * INPUTS);

  test('every row is near what unrounded weights give, whatever the size of its neighbours', async () => {
    const want = await multiply(x, { weight, bias: null }, 'float32');
    const have = await multiply(x, { weight, bias: null }, format);
    for (const row of [0, 1, 2, 3, 4, 6, 7]) {
      const error = relativeError(rowOf(have, row, OUTPUTS), rowOf(want, row, OUTPUTS));
      expect(error, `row ${row}`).toBeLessThan(tolerance);
    }
  });

  test('a row of zeros gives the bias', async () => {
    const have = await multiply(x, { weight, bias }, format);
    expect([...rowOf(have, 5, OUTPUTS)]).toEqual([...bias]);
  });

  test('a row has the same bits alone and among eight', async () => {
    const together = await multiply(x, { weight, bias }, format);
    for (let row = 0; row < 8; row += 1) {
      const alone = await multiply(rowOf(x, row, INPUTS), { weight, bias }, format);
      expect([...alone], `row ${row}`).toEqual([...rowOf(together, row, OUTPUTS)]);
    }
  });
});

describe('a matrix of eight bits', () => {
  const whole = new Int8Matrix(OUTPUTS, INPUTS).round(weight);

  test('is the same however many rows come at once', () => {
    const pieces = new Int8Matrix(OUTPUTS, INPUTS);
    for (let row = 0; row < OUTPUTS; row += 7) {
      pieces.round(weight.subarray(row * INPUTS, (row + 7) * INPUTS), row);
    }
    expect(pieces).toEqual(whole);
  });

  test('rounds what is rounded to itself', () => {
    const widened = Float32Array.from({ length: weight.length }, (_, i) => {
      const [output, input] = [Math.floor(i / INPUTS), i % INPUTS];
      return (whole.values[input * OUTPUTS + output] ?? 0) * (whole.scales[output] ?? 0);
    });
    expect(new Int8Matrix(OUTPUTS, INPUTS).round(widened).values).toEqual(whole.values);
  });

  test('gives some of its outputs', async () => {
    const x = numbers(INPUTS, 90_000);
    const part = new GraphBuilder('part');
    const product = linear(
      part,
      part.input('x', 'float32', [1, INPUTS]),
      { weight: whole.part(10, 25), bias: null },
      INPUTS,
      'int8',
    );
    part.output('y', product, 'float32', [1, 15]);
    const session = await openSession(part.build(), { threads: 1 });
    const { y } = await session.run({ x: float32(x, [1, INPUTS]) }, signal);
    await session.release();
    const all = await multiply(x, { weight: whole, bias: null }, 'int8');
    expect(y).toEqual(all.slice(10, 25));
  });

  test('of zeros stays zeros', () => {
    const { values, scales } = new Int8Matrix(2, 3).round(new Float32Array(6));
    expect([...values, ...scales]).toEqual(Array.from({ length: 8 }, () => 0));
  });
});
