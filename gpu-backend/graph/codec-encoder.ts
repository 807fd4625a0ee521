/**
 * EnCodec's encoder as an ONNX graph over one chunk, with the state that the next chunk needs: the decoder's
 * layers, and convolutions with a stride.
 *
 * Chunks are whole frames, but for the last; so before each stride lie whole strides, and only the end of
 * the recording is padded to them.
 */
import type { CodecState } from '#shared/codec/stateful-stream.ts';
import type { CodecEncoderWeights } from '../checkpoint/encoder-weights.ts';
import type { ConvWeights } from '../checkpoint/weights.ts';
import { CodecLayers } from './codec-layers.ts';
import type { GraphBuilder, OnnxModel, Value } from './onnx-model.ts';

/** The input that tells the first chunk from the others, declared with the layers. */
const FIRST: Value = 'first';

export interface CodecEncoderGraph extends OnnxModel {
  readonly states: readonly CodecState[];
}

/**
 * Inputs: `samples` [N], `first` bool [] (the chunk begins the recording), and the states. Outputs: `latent`
 * [ceil(N / hop), D] and the new states. The first chunk must hold `firstChunkFrames` frames, or the whole recording.
 */
export function codecEncoderGraph(weights: CodecEncoderWeights): CodecEncoderGraph {
  const layers = new CodecLayers('codec_encoder');
  const { graph } = layers;
  const samples = graph.input('samples', 'float32', ['N']);
  let x = layers.conv(graph.op('Unsqueeze', [samples, graph.int64([1])]), weights.convIn);
  for (const stage of weights.stages) {
    for (const { conv1, conv2, shortcut } of stage.residual) {
      const narrow = layers.conv(graph.op('Elu', [x]), conv1);
      const branch = layers.conv(graph.op('Elu', [narrow]), conv2);
      x = graph.op('Add', [shortcut === null ? x : layers.conv(x, shortcut), branch]);
    }
    x = stridedConv(layers, graph.op('Elu', [x]), stage.down, stage.ratio);
  }
  x = layers.lstm(x, weights.lstm, weights.convOut.inputs);
  const latent = layers.conv(graph.op('Elu', [x]), weights.convOut);
  graph.output('latent', latent, 'float32', ['T', weights.convOut.outputs]);
  return { ...graph.build(), states: layers.states };
}

/** Fewest frames of a first chunk that does not hold the whole recording: its first rows are mirrored before it. */
export function firstChunkFrames(weights: CodecEncoderWeights): number {
  let rowsPerFrame = weights.stages.reduce((hop, { ratio }) => hop * ratio, 1);
  let frames = Math.ceil((reach(weights.convIn) + 1) / rowsPerFrame);
  for (const { residual, ratio } of weights.stages) {
    for (const { conv1 } of residual) {
      frames = Math.max(frames, Math.ceil((reach(conv1) + 1) / rowsPerFrame));
    }
    frames = Math.max(frames, Math.ceil((ratio + 1) / rowsPerFrame));
    rowsPerFrame /= ratio;
  }
  return Math.max(frames, reach(weights.convOut) + 1);
}

/** Rows before its own that a convolution sees. */
function reach({ kernel, dilation }: ConvWeights): number {
  return (kernel - 1) * dilation;
}

/** Causal convolution with kernel 2 * stride: [t, in] -> [ceil(t / stride), out]. */
function stridedConv(
  layers: CodecLayers,
  x: Value,
  { weight, bias, inputs, outputs, kernel }: ConvWeights,
  stride: number,
): Value {
  if (kernel !== 2 * stride) {
    throw new RangeError(`A strided convolution has kernel 2 * ${stride}, not ${kernel}.`);
  }
  const { graph } = layers;
  const filled = withBothEnds(layers, x, stride, inputs);
  // whole strides of it; the rest of the mirrored end falls off
  const count = graph.op('Div', [lengthOf(graph, filled), graph.int64([stride])]);
  const until = graph.op('Mul', [count, graph.int64([stride])]);
  const whole = graph.op('Slice', [filled, graph.int64([0]), until, graph.int64([0])]);
  // a row is one stride with all its channels; an output row is of one such row and the next
  const strides = graph.op('Reshape', [whole, graph.int64([-1, stride * inputs])]);
  const product = graph.op('MatMul', [
    strides,
    graph.weight(halvesSideBySide(weight, outputs, inputs, stride), [stride * inputs, 2 * outputs]),
  ]);
  const [early = '', late = ''] = graph.ops('Split', [product], 2, { axis: 1, num_outputs: 2 });
  const sum = graph.op('Add', [rows(graph, early, 0, -1), rows(graph, late, 1, null)]);
  return graph.op('Add', [sum, graph.weight(bias, [outputs])]);
}

/**
 * `stride` rows before `x`, from the chunk before it or mirrored, and stride - 1 behind it, mirrored. Where the
 * recording has no more than `stride` rows, the reference lengthens it by zeros before it mirrors.
 */
function withBothEnds(layers: CodecLayers, x: Value, stride: number, inputs: number): Value {
  const { graph } = layers;
  const zeros = graph.weight(new Float32Array(stride * inputs), [stride, inputs]);
  const lengthened = graph.op('Concat', [x, zeros], { axis: 0 });
  const mirror = Array.from({ length: stride }, (_, i) => stride - i);
  const mirrored = graph.op('Gather', [lengthened, graph.int64(mirror)], { axis: 0 });
  const name = `state_${layers.states.length}`;
  const shape = [stride, inputs];
  layers.states.push({ name, shape });
  const before = graph.op('Where', [FIRST, mirrored, graph.input(name, 'float32', shape)]);
  const padded = graph.op('Concat', [before, x], { axis: 0 });
  graph.output(`next_${name}`, rows(graph, padded, -stride, null), 'float32', shape);
  if (stride === 1) return padded;

  const isShort = graph.op('And', [
    FIRST,
    graph.op('LessOrEqual', [lengthOf(graph, x), graph.int64([stride])]),
  ]);
  const backwards = graph.op('Slice', [
    padded,
    graph.int64([-2]),
    graph.int64([-1 - stride]),
    graph.int64([0]),
    graph.int64([-1]),
  ]);
  const behind = graph.op('Where', [isShort, rows(graph, zeros, 1, null), backwards]);
  return graph.op('Concat', [padded, behind], { axis: 0 });
}

/** Number of rows, int64 [1]. */
function lengthOf(graph: GraphBuilder, x: Value): Value {
  return graph.op('Shape', [x], { start: 0, end: 1 });
}

function rows(graph: GraphBuilder, x: Value, from: number, until: number | null): Value {
  const end = until ?? Number.MAX_SAFE_INTEGER;
  return graph.op('Slice', [x, graph.int64([from]), graph.int64([end]), graph.int64([0])]);
}

/** [out, in, 2 * stride] -> [stride * in, 2 * out]: the taps of the first stride beside those of the second. */
function halvesSideBySide(
  weight: Float32Array,
  outputs: number,
  inputs: number,
  stride: number,
): Float32Array {
  const taps = new Float32Array(weight.length);
  for (let o = 0; o < outputs; o += 1) {
    for (let i = 0; i < inputs; i += 1) {
      for (let k = 0; k < 2 * stride; k += 1) {
        const row = (k % stride) * inputs + i;
        const column = Math.floor(k / stride) * outputs + o;
        taps[row * 2 * outputs + column] = weight[(o * inputs + i) * 2 * stride + k] ?? 0;
      }
    }
  }
  return taps;
}
