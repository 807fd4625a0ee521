/** EnCodec's decoder as an ONNX graph over one chunk, with the state that the next chunk needs. */
import type { CodecState } from '#shared/codec/stateful-stream.ts';
import type { CodecDecoderWeights } from '../checkpoint/weights.ts';
import { CodecLayers } from './codec-layers.ts';
import type { OnnxModel, Value } from './onnx-model.ts';

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
  const latent = layers.graph.input('latent', 'float32', ['T', weights.convIn.inputs]);
  return decoder(layers, latent, weights);
}

/**
 * The same for whoever has codes and no tables: in the place of `latent` an input `codes`, int32 [books, T], and every
 * constant within the protobuf. The sums are those of the other, in the same order, so the samples are the same.
 */
export function codesDecoderGraph(weights: CodecDecoderWeights): CodecDecoderGraph {
  const layers = new CodecLayers('codes_decoder', 'inside');
  const { graph } = layers;
  const { codebooks, convIn } = weights;
  const codes = graph.input('codes', 'int32', [codebooks.length, 'T']);
  const vectors = codebooks.map((table, book) => {
    const rows = graph.weight(table, [table.length / convIn.inputs, convIn.inputs]);
    const ofBook = graph.op('Gather', [codes, graph.int64(book)], { axis: 0 });
    return graph.op('Gather', [rows, ofBook], { axis: 0 });
  });
  return decoder(
    layers,
    vectors.reduce((sum, vector) => graph.op('Add', [sum, vector])),
    weights,
  );
}

function decoder(
  layers: CodecLayers,
  latent: Value,
  weights: CodecDecoderWeights,
): CodecDecoderGraph {
  const { graph } = layers;
  let x = layers.conv(latent, weights.convIn);
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
