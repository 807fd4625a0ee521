/**
 * EnCodec's decoder as a file by itself, for those who decode codes elsewhere: ONNX, fp32, weights and codebooks within.
 * The same checkpoint gives the same bytes, and their hash names them.
 */
import { createHash } from 'node:crypto';
import { MAX_CODE_BITS, type CodesLayout } from '#shared/codec/codes-layout.ts';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import { readCodecDecoder } from '../checkpoint/weights.ts';
import { codesDecoderGraph } from '../graph/codec-decoder.ts';
import { giveBackWhenCollected } from './ort-api/freed-memory.ts';

/** The file of an open checkpoint, about 34 MB for the published codec. */
export async function decoderFile({
  tensors,
  config,
  generation,
}: Checkpoint): Promise<Uint8Array> {
  const weights = await readCodecDecoder(tensors, config.codec, generation.fine.fineCodebooks);
  const file = codesDecoderGraph(weights).model;
  // soon neither is needed any more
  for (const garbage of [weights, file]) giveBackWhenCollected(garbage);
  return file;
}

/** The file of the checkpoint in `folder`. */
export async function readDecoderFile(folder: string): Promise<Uint8Array> {
  const checkpoint = await openCheckpoint(folder);
  try {
    return await decoderFile(checkpoint);
  } finally {
    await checkpoint.tensors.close();
  }
}

/** How codes of an open checkpoint are told to others; null where they do not fit the layout. */
export async function codesLayout(checkpoint: Checkpoint): Promise<CodesLayout | null> {
  const { codec } = checkpoint.config;
  const { fine, codebookSize, sampleRate } = checkpoint.generation;
  const codeBits = Math.max(1, Math.ceil(Math.log2(codebookSize)));
  const fits = codeBits <= MAX_CODE_BITS && fine.fineCodebooks <= 255 && codec.hopLength <= 65_535;
  if (!fits) return null;
  const file = await decoderFile(checkpoint);
  return {
    decoder: createHash('sha256').update(file).digest('hex'),
    codebooks: fine.fineCodebooks,
    codeBits,
    sampleRate,
    hopSamples: codec.hopLength,
    firstChunkFrames: codec.kernelSize,
  };
}
