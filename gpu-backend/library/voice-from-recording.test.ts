import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeListeningModel } from '../../tests/support/listening-model.ts';
import {
  BarkModel,
  BarkProcessor,
  CodecModel,
  readWav,
  voiceFromRecording,
  type Recording,
  type RecordingOptions,
} from './bark.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const RECORDING = fileURLToPath(
  new URL('../../tests/fixtures/golden-codec/recording.wav', import.meta.url),
);
const transcript = 'Hello, my dog is cute';

let folder: string;
let model: BarkModel;
let processor: BarkProcessor;
let recording: Recording;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bark-hearing-'));
  await makeListeningModel(folder);
  model = await BarkModel.fromPretrained(folder, { threads: 1 });
  processor = await BarkProcessor.fromPretrained(folder);
  recording = readWav(await readFile(RECORDING));
});
afterAll(async () => {
  await model.release();
  await rm(folder, { recursive: true });
});

function voiceOf(options: Partial<RecordingOptions>, samples = recording.samples) {
  const { sampleRate } = recording;
  return voiceFromRecording(model, processor, samples, { sampleRate, ...options });
}

describe('a voice of a recording', () => {
  test('has the codes of its sound, and of its words as many tokens as belong to them', async () => {
    expect(model.hasEncoder).toBe(true);
    const steps: number[] = [];
    const { semanticPrompt, coarsePrompt, finePrompt } = await voiceOf({
      transcript,
      seed: 7,
      onProgress: ({ step }) => steps.push(step),
    });
    const frames = finePrompt.length / 8;
    expect(frames).toBeGreaterThan((0.8 * recording.samples.length) / 320);
    expect(frames / semanticPrompt.length).toBeCloseTo(75 / 49.9, 1);
    expect(coarsePrompt).toEqual(finePrompt.subarray(0, 2 * frames));
    expect(steps.length).toBeGreaterThanOrEqual(semanticPrompt.length);

    const codec = await CodecModel.fromPretrained(folder, { threads: 1 });
    const codes = await codec.encode(recording.samples);
    expect(await model.encode(recording.samples)).toEqual(codes);
    const row = codes.subarray(0, codes.length / 8);
    expect([...finePrompt.subarray(0, frames)]).toEqual([...row.subarray(0, frames)]);
    await codec.release();
  });

  test('is the same for the same seed, and speaks', async () => {
    const one = await voiceOf({ transcript, seed: 7 });
    expect(await voiceOf({ transcript, seed: 7 })).toEqual(one);
    expect((await voiceOf({ transcript, seed: 8 })).semanticPrompt).not.toEqual(one.semanticPrompt);
    const inputs = await processor.process('Hi', { voicePreset: one });
    const { audio } = await model.generate(inputs, { semanticMaxNewTokens: 2 });
    expect(audio[0]?.length).toBeGreaterThan(0);
  });

  test('takes semantic tokens from elsewhere', async () => {
    const seconds = recording.samples.length / recording.sampleRate;
    const semanticPrompt = Array.from({ length: Math.floor(49.9 * seconds) }, (_, i) => i);
    const voice = await voiceOf({ semanticPrompt });
    expect([...voice.semanticPrompt]).toEqual(semanticPrompt.slice(0, voice.semanticPrompt.length));
  });
});

describe('refused is', () => {
  test.each<[string, Partial<RecordingOptions>, Float32Array | undefined, string]>([
    ['neither words nor tokens', {}, undefined, 'Give transcript'],
    ['both', { transcript, semanticPrompt: [1] }, undefined, 'not both'],
    ['a transcript without words', { transcript: ' ' }, undefined, 'holds no words'],
    ['tokens that are none', { semanticPrompt: [10_000] }, undefined, 'semanticPrompt'],
    ['too few tokens', { semanticPrompt: [1, 2] }, undefined, 'must be about as long'],
    ['no sound', { transcript }, new Float32Array(0), 'silent'],
    ['silence', { transcript }, new Float32Array(24_000), 'silent'],
    ['a sample that is no number', { transcript }, Float32Array.of(0, Number.NaN), 'entry 1'],
    ['a lecture', { transcript }, new Float32Array(24_000 * 30).fill(0.1), 'Cut it to one or two'],
    ['another rate', { transcript, sampleRate: 7_999 }, undefined, '8000..96000'],
    ['another option', { transcript, text: 'Hi' } as never, undefined, '"text"'],
  ])('%s', async (_, options, samples, message) => {
    const failing = voiceOf(options, samples);
    await expect(failing).rejects.toEqual(expect.objectContaining({ name: 'BarkError' }));
    await expect(failing).rejects.toThrow(message);
  });

  test('a checkpoint that can not hear, before it reads a word', async () => {
    const deaf = await BarkModel.fromPretrained(TINY, { threads: 1 });
    expect(deaf.hasEncoder).toBe(false);
    const onProgress = (): never => {
      throw new Error('It read.');
    };
    const { samples, sampleRate } = recording;
    await expect(
      voiceFromRecording(deaf, processor, samples, { sampleRate, transcript, onProgress }),
    ).rejects.toEqual(
      expect.objectContaining({
        name: 'CheckpointError',
        message: expect.stringMatching(/encoder.*not make codes of a recording/),
      }),
    );
    await deaf.release();
  });

  test('one that was given up', async () => {
    const signal = AbortSignal.abort(new Error('given up'));
    await expect(voiceOf({ transcript, signal })).rejects.toThrow('given up');
  });
});
