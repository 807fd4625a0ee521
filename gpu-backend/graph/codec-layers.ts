/**
 * The layers of EnCodec over one chunk, and the states that the next chunk needs.
 *
 * Layout is [time, channels]: a convolution is one MatMul to kernel * outputs columns whose slices
 * are added shifted in time; so a row's arithmetic does not depend on how the rows were cut.
 * State: each convolution keeps its last inputs, each transposed one its last input row, the LSTM
 * its cells; where the utterance begins a convolution sees its first rows mirrored instead.
 */
import type { ConvWeights, LstmWeights } from '../checkpoint/weights.ts';
import type { CodecState } from '#shared/codec/stateful-stream.ts';
import { GraphBuilder, type Placing, type Value } from './onnx-model.ts';

/** The layers of EnCodec, and the states they have declared so far. */
export class CodecLayers {
  readonly graph: GraphBuilder;
  readonly states: CodecState[] = [];
  readonly #first: Value;

  /** `name` is the graph's; its input `first` tells whether the chunk begins the utterance. */
  constructor(name: string, placing: Placing = 'outside') {
    this.graph = new GraphBuilder(name, placing);
    this.#first = this.graph.input('first', 'bool', []);
  }

  /** Causal convolution, stride 1: [t, in] -> [t, out]. */
  conv(x: Value, weights: ConvWeights): Value {
    const { bias, inputs, outputs, kernel, dilation } = weights;
    const { graph } = this;
    const pad = (kernel - 1) * dilation;
    const padded = pad === 0 ? x : this.#withContext(x, pad, inputs);
    const product = graph.op('MatMul', [
      padded,
      graph.weight(tapsSideBySide(weights, 'out'), [inputs, kernel * outputs]),
    ]);
    const taps =
      kernel === 1
        ? [product]
        : graph.ops('Split', [product], kernel, { axis: 1, num_outputs: kernel });
    const shifted = taps.map((tap, k) => {
      // tap k of output row t reads input row t + k * dilation; the rows after the last one fall off
      const from = k * dilation;
      const until = from - pad;
      if (pad === 0) return tap;
      return this.#rows(tap, from, until === 0 ? null : until);
    });
    const sum = shifted.reduce((total, tap) => graph.op('Add', [total, tap]));
    return graph.op('Add', [sum, graph.weight(bias, [outputs])]);
  }

  /** Transposed convolution with kernel 2 * stride, trimmed on the right: [t, in] -> [t * stride, out]. */
  transposedConv(x: Value, weights: ConvWeights, stride: number): Value {
    const { bias, inputs, outputs, kernel } = weights;
    const { graph } = this;
    const previous = this.#state([1, inputs]);
    const joined = graph.op('Concat', [previous.value, x], { axis: 0 });
    previous.keep(this.#rows(joined, -1, null));
    // columns: kernel positions, each with all output channels; the second half belongs one row later
    const product = graph.op('MatMul', [
      joined,
      graph.weight(tapsSideBySide(weights, 'in'), [inputs, kernel * outputs]),
    ]);
    const [early = '', late = ''] = graph.ops('Split', [product], 2, { axis: 1, num_outputs: 2 });
    const sum = graph.op('Add', [this.#rows(early, 1, null), this.#rows(late, 0, -1)]);
    const rows = graph.op('Reshape', [sum, graph.int64([-1, outputs])]);
    if (kernel !== 2 * stride)
      throw new RangeError(`A transposed convolution has kernel 2 * ${stride}, not ${kernel}.`);
    return graph.op('Add', [rows, graph.weight(bias, [outputs])]);
  }

  /** The LSTM layers one after another, plus their input: [t, size] -> [t, size]. */
  lstm(x: Value, layers: readonly LstmWeights[], size: number): Value {
    const { graph } = this;
    let sequence = graph.op('Unsqueeze', [x, graph.int64([1])]);
    for (const layer of layers) {
      const hidden = this.#state([1, 1, size]);
      const cell = this.#state([1, 1, size]);
      const bias = new Float32Array(8 * size);
      bias.set(gatesForOnnx(layer.biasIh, size, 1), 0);
      bias.set(gatesForOnnx(layer.biasHh, size, 1), 4 * size);
      const [all = '', lastHidden = '', lastCell = ''] = graph.ops(
        'LSTM',
        [
          sequence,
          graph.weight(gatesForOnnx(layer.weightIh, size, size), [1, 4 * size, size]),
          graph.weight(gatesForOnnx(layer.weightHh, size, size), [1, 4 * size, size]),
          graph.weight(bias, [1, 8 * size]),
          '',
          hidden.value,
          cell.value,
        ],
        3,
        { hidden_size: size },
      );
      hidden.keep(lastHidden);
      cell.keep(lastCell);
      sequence = graph.op('Squeeze', [all, graph.int64([1])]); // [t, 1 direction, 1 row, size]
    }
    return graph.op('Add', [graph.op('Squeeze', [sequence, graph.int64([1])]), x]);
  }

  /** Puts the `pad` rows before the chunk in front of it and keeps its own last rows for the next. */
  #withContext(x: Value, pad: number, channels: number): Value {
    const { graph } = this;
    const context = this.#state([pad, channels]);
    // an utterance shorter than the padding is lengthened with zeros before it is mirrored
    const lengthened = graph.op(
      'Concat',
      [x, graph.weight(new Float32Array(pad * channels), [pad, channels])],
      { axis: 0 },
    );
    const mirror = Array.from({ length: pad }, (_, i) => pad - i);
    const mirrored = graph.op('Gather', [lengthened, graph.int64(mirror)], { axis: 0 });
    const before = graph.op('Where', [this.#first, mirrored, context.value]);
    const padded = graph.op('Concat', [before, x], { axis: 0 });
    context.keep(this.#rows(padded, -pad, null));
    return padded;
  }

  #rows(x: Value, from: number, until: number | null): Value {
    const end = until ?? Number.MAX_SAFE_INTEGER;
    return this.graph.op('Slice', [
      x,
      this.graph.int64([from]),
      this.graph.int64([end]),
      this.graph.int64([0]),
    ]);
  }

  #state(shape: readonly number[]): { value: Value; keep: (next: Value) => void } {
    const name = `state_${this.states.length}`;
    this.states.push({ name, shape });
    return {
      value: this.graph.input(name, 'float32', shape),
      keep: (next) => this.graph.output(`next_${name}`, next, 'float32', shape),
    };
  }
}

/** Weights to [in, k, out]: from [out, in, k] of a convolution, from [in, out, k] of a transposed one. */
function tapsSideBySide(
  { weight, outputs, inputs, kernel }: ConvWeights,
  first: 'out' | 'in',
): Float32Array {
  const taps = new Float32Array(weight.length);
  for (let o = 0; o < outputs; o += 1) {
    for (let i = 0; i < inputs; i += 1) {
      const row = first === 'out' ? o * inputs + i : i * outputs + o;
      for (let k = 0; k < kernel; k += 1) {
        taps[(i * kernel + k) * outputs + o] = weight[row * kernel + k] ?? 0;
      }
    }
  }
  return taps;
}

/** Gate rows from torch's order i, f, g, o to ONNX's i, o, f, c. */
function gatesForOnnx(rows: Float32Array, size: number, columns: number): Float32Array {
  const gate = (index: number): Float32Array =>
    rows.subarray(index * size * columns, (index + 1) * size * columns);
  const ordered = new Float32Array(rows.length);
  [0, 3, 1, 2].forEach((source, target) => ordered.set(gate(source), target * size * columns));
  return ordered;
}
