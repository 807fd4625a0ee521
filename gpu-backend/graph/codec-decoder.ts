/** EnCodec's decoder as an ONNX graph over one chunk, with the state that the next chunk needs. */
import type { CodecDecoderWeights } from '../checkpoint/weights.ts';
import { CodecLayers, type CodecState } from './codec-layers.ts';
import type { OnnxModel } from './onnx-model.ts';

export interface CodecDecoderGraph extends OnnxModel {
  readonly states: readonly CodecState[];
}

/**
 * Inputs: `latent` [T, D] (summed codebook vectors), `first` bool [] (the chunk begins the utterance),
 * and the states. Outputs: `audio` [T * hop] and the new states. The first chunk must hold more than
 * `kernelSize - 1` frames, or the whole utterance.
 */
export function codecDecoderGraph(weights: CodecDecoderWeights): CodecDecoderGraph {
  const layers = new CodecLayers('codec_decoder');
  const { graph } = layers;
  let x = layers.conv(
    graph.input('latent', 'float32', ['T', weights.convIn.inputs]),
    weights.convIn,
  );
  x = layers.lstm(x, weights.lstm, weights.convIn.outputs);
  for (const stage of weights.stages) {
    x = layers.transposedConv(graph.op('Elu', [x]), stage.up, stage.ratio);
    for (const { conv1, conv2, shortcut } of stage.residual) {
      const narrow = layers.conv(graph.op('Elu', [x]), conv1);
      const branch = layers.conv(graph.op('Elu', [narrow]), conv2);
      x = graph.op('Add', [shortcut === null ? x : layers.conv(x, shortcut), branch]);
    }
  }
  const audio = layers.conv(graph.op('Elu', [x]), weights.convOut);
  graph.output('audio', graph.op('Reshape', [audio, graph.int64([-1])]), 'float32', ['samples']);
  return { ...graph.build(), states: layers.states };
}
