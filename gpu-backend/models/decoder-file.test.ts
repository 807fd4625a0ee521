/** The file that decodes elsewhere makes the samples that are made here. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import * as runtime from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { fineCodes, type FineCodes, type Waveform } from '#shared/bark/shapes.ts';
import type { CodecModel } from '#shared/codec/codec-model.ts';
import { StatefulStream } from '#shared/codec/stateful-stream.ts';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import { readCodecDecoder } from '../checkpoint/weights.ts';
import { codesDecoderGraph } from '../graph/codec-decoder.ts';
import { philoxRandomness } from '../pipeline/randomness.ts';
import { openCodecModel } from './codec-model.ts';
import { codesLayout, decoderFile, readDecoderFile } from './decoder-file.ts';

const { signal } = new AbortController();

describe.each(['bark-tiny', 'bark-nano'])('the decoder of %s', (name) => {
  const folder = fileURLToPath(new URL(`../../models/${name}`, import.meta.url));
  let checkpoint: Checkpoint;
  let here: CodecModel;
  beforeAll(async () => {
    checkpoint = await openCheckpoint(folder);
    const weights = await readCodecDecoder(checkpoint.tensors, checkpoint.config.codec, 8);
    here = await openCodecModel(weights, { threads: 1 });
  });

  function codes(frames: number, from: number): FineCodes {
    const draw = philoxRandomness(5)('fine', from);
    return fineCodes(
      Int32Array.from({ length: 8 * frames }, (_, i) => Math.floor(draw(i) * 1_024)),
      1_024,
    );
  }

  async function decoded(open: () => ReturnType<CodecModel['open']>): Promise<Waveform[]> {
    const stream = open();
    const chunks: Waveform[] = [];
    for (const frames of [15, 1, 30, 75]) {
      chunks.push(await stream.decode(codes(frames, frames), signal));
    }
    stream.close();
    return chunks;
  }

  test('from codes alone gives the samples of the one that speaks, bit by bit', async () => {
    const file = await decoderFile(checkpoint);
    const weights = await readCodecDecoder(checkpoint.tensors, checkpoint.config.codec, 8);
    const { states } = codesDecoderGraph(weights);
    const session = await runtime.InferenceSession.create(file, { intraOpNumThreads: 1 });
    const there = (): StatefulStream =>
      new StatefulStream(states, async (run) => {
        const feeds: Record<string, runtime.Tensor> = {
          codes: new runtime.Tensor('int32', run.codes, [8, run.codes.length / 8]),
          first: new runtime.Tensor('bool', [run.isFirst], []),
        };
        for (const { name: state, shape } of states) {
          feeds[state] = new runtime.Tensor('float32', run.states.get(state) ?? [], shape);
        }
        const outputs = await session.run(feeds);
        return Object.fromEntries(
          Object.entries(outputs).map(([key, { data }]) => [key, data as Float32Array]),
        );
      });
    expect(await decoded(there)).toEqual(await decoded(() => here.open()));
  });

  test('is one file under 40 MB, named by its hash, the same each time', async () => {
    const file = await readDecoderFile(folder);
    const layout = await codesLayout(checkpoint);
    expect(file.byteLength).toBeLessThan(40e6);
    expect(layout).toEqual({
      decoder: createHash('sha256').update(file).digest('hex'),
      codebooks: 8,
      codeBits: 10,
      sampleRate: 24_000,
      hopSamples: 320,
      firstChunkFrames: 7,
    });
    expect(here).toMatchObject({ hopSamples: 320, firstChunkFrames: 7 });
    expect(await codesLayout(checkpoint)).toEqual(layout);
  });
});
