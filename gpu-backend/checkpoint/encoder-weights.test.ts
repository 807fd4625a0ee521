import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CheckpointError } from './checkpoint-error.ts';
import type { CodecConfig } from './codec-config.ts';
import { parseConfig } from './config.ts';
import { readCodecEncoder } from './encoder-weights.ts';
import { readJson } from './json-file.ts';
import { openSafetensors } from './safetensors.ts';
import { memorySource } from './test-support.ts';
import type { TensorSource } from './tensors.ts';

const folder = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe.each([
  ['published-layers', 320],
  ['other-layers', 15],
])('the codec with %s', (name, hop) => {
  const path = folder(`tests/fixtures/golden-codec/${name}`);
  let tensors: TensorSource;
  let config: CodecConfig;

  beforeAll(async () => {
    tensors = await openSafetensors(`${path}/model.safetensors`);
    config = parseConfig(await readJson(`${path}/config.json`)).codec;
  });
  afterAll(() => tensors.close());

  test('is read with every tensor of the file', async () => {
    const asked: string[] = [];
    const listening = {
      ...tensors,
      read: (one: string) => {
        asked.push(one);
        return tensors.read(one);
      },
    };
    const weights = await readCodecEncoder(listening, config, 8);
    expect(asked.toSorted()).toEqual([...tensors.names()].toSorted());
    expect(weights.stages.reduce((product, { ratio }) => product * ratio, 1)).toBe(hop);
    expect(weights.stages.map(({ ratio }) => ratio)).toEqual(config.upsamplingRatios.toReversed());
    expect(weights.codebooks.length).toBe(8);
  });

  test('of another size than its config is refused', async () => {
    await expect(readCodecEncoder(tensors, { ...config, filters: 3 }, 8)).rejects.toThrow(
      'the files do not belong together',
    );
  });

  test('with fewer codebooks than are asked for is refused', async () => {
    await expect(readCodecEncoder(tensors, config, 9)).rejects.toThrow(CheckpointError);
  });
});

test('a checkpoint that can only speak says what helps, and nothing of it is read', async () => {
  const asked: string[] = [];
  const { codec } = parseConfig({});
  const reading = readCodecEncoder(memorySource(new Map(), asked), codec, 8);
  await expect(reading).rejects.toThrow(CheckpointError);
  await expect(reading).rejects.toThrow('has no codec_model.encoder.*');
  await expect(reading).rejects.toThrow('suno/bark-small');
  expect(asked).toEqual([]);
});
