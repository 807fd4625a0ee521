/** The whole model on the embedded checkpoint; that its tokens are the reference's is the goldens' affair. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinWaveforms } from '../pipeline/codec.ts';
import { BarkProcessor } from '../processor/processor.ts';
import { saveVoiceNpz } from '../voices/save-voice.ts';
import { readVoiceNpz } from '#shared/bark/voice-file.ts';
import { BarkModel } from './bark-model.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
/** The same with shorter windows, which are quick. */
const QUICK = fileURLToPath(
  new URL('../../tests/fixtures/golden/bark-tiny-windows', import.meta.url),
);
const TEXTS = ['Hello, my dog is cute.', 'No.', 'The quick brown fox runs away.'];
/** Short takes: what is looked at is how rows go together. */
const SHORT = { semanticMaxNewTokens: 12, seed: 7 };

let model: BarkModel;
let processor: BarkProcessor;

beforeAll(async () => {
  model = await BarkModel.fromPretrained(QUICK, { threads: 1 });
  processor = await BarkProcessor.fromPretrained(TINY);
});
afterAll(() => model.release());

describe('a batch', () => {
  test('every row is what it is alone, when its draws are', async () => {
    const inputs = await processor.process(TEXTS, { voicePreset: 'v2/en_speaker_0' });
    // the end is likely enough that rows end apart
    const options = {
      seed: 5,
      minEosP: 0.000_5,
      semanticMaxNewTokens: 40,
      returnOutputLengths: true,
    };
    const together = await model.generate(inputs, { ...options, outputFull: true });
    expect(new Set(together.outputLengths).size).toBeGreaterThan(1);
    for (const [row, ids] of inputs.inputIds.entries()) {
      const mask = inputs.attentionMask?.[row] ?? new Uint8Array(0);
      const alone = await model.generate(
        { inputIds: [ids], attentionMask: [mask], historyPrompt: inputs.historyPrompt ?? null },
        { ...options, outputFull: true, firstRow: row },
      );
      const length = together.outputLengths?.[row] ?? -1;
      expect(alone.outputLengths).toEqual([length]);
      expect(together.takes?.[row]).toEqual(alone.takes?.[0]);
      expect(together.audio[row]?.subarray(0, length)).toEqual(alone.audio[0]);
      expect(together.audio[row]?.subarray(length).every((sample) => sample === 0)).toBe(true);
    }
  });

  test('after its end a row is silent; in the reference it goes on', async () => {
    const inputs = await processor.process(TEXTS);
    const options = {
      doSample: false,
      temperature: null,
      minEosP: 0.000_5,
      semanticMaxNewTokens: 40,
    };
    const ours = await model.generate(inputs, { ...options, outputFull: true });
    const theirs = await model.generate(inputs, {
      ...options,
      outputFull: true,
      rowIndependentFine: false,
    });
    const tokens = ours.takes?.map(({ semantic }) => semantic);
    expect(theirs.takes?.map(({ semantic }) => semantic)).toEqual(tokens);
    expect(theirs.takes?.map(({ coarse }) => coarse)).toEqual(
      ours.takes?.map(({ coarse }) => coarse),
    );
    const shortest = Math.min(...(tokens?.map(({ length }) => length) ?? []));
    const row = tokens?.findIndex(({ length }) => length === shortest) ?? -1;
    const own = (ours.takes?.[row]?.fine.length ?? 0) * (320 / 8);
    const isSilent = (samples: Float32Array | undefined): boolean =>
      samples?.subarray(own).every((sample) => sample === 0) ?? false;
    expect(own).toBeLessThan(ours.audio[row]?.length ?? 0);
    expect([isSilent(ours.audio[row]), isSilent(theirs.audio[row])]).toEqual([true, false]);
  });

  test('rows are of one length; lengths are answered when asked for', async () => {
    const inputs = await processor.process(TEXTS.slice(0, 2));
    const { audio, outputLengths, takes, sampleRate } = await model.generate(inputs, SHORT);
    expect(new Set(audio.map(({ length }) => length)).size).toBe(1);
    expect([outputLengths, takes, sampleRate]).toEqual([null, null, 24_000]);
  });
});

describe('a take', () => {
  test('is the same with the same seed, another with another, and tells a seed that was drawn', async () => {
    const inputs = await processor.process(TEXTS[0] ?? '');
    const first = await model.generate(inputs, SHORT);
    const again = await model.generate(inputs, SHORT);
    const other = await model.generate(inputs, { ...SHORT, seed: 8 });
    expect(again.audio).toEqual(first.audio);
    expect(other.audio).not.toEqual(first.audio);
    const { seed, ...drawn } = await model.generate(inputs, { semanticMaxNewTokens: 6 });
    expect((await model.generate(inputs, { semanticMaxNewTokens: 6, seed })).audio).toEqual(
      drawn.audio,
    );
  });

  test('is a voice for the next one, also from a file', async () => {
    const inputs = await processor.process(TEXTS[0] ?? '');
    const { takes } = await model.generate(inputs, { ...SHORT, outputFull: true });
    const voice = takes?.[0]?.voice ?? null;
    if (voice === null) throw new Error('Nothing was said.');
    expect(takes?.[0]?.fine.subarray(0, takes[0].coarse.length)).toEqual(takes?.[0]?.coarse);
    expect(takes?.[0]?.isComplete).toBe(false);
    const next = await model.generate(inputs, { ...SHORT, historyPrompt: voice });
    const fromFile = await model.generate(
      { ...inputs, historyPrompt: readVoiceNpz(saveVoiceNpz(voice)) },
      SHORT,
    );
    expect(fromFile.audio).toEqual(next.audio);
  });

  test('streamed it is the same samples', async () => {
    const inputs = await processor.process(TEXTS[2] ?? '', { voicePreset: 'v2/en_speaker_1' });
    const { audio } = await model.generate(inputs, SHORT);
    const chunks = await Array.fromAsync(model.stream(inputs, SHORT));
    expect(chunks.length).toBeGreaterThan(1);
    expect(joinWaveforms(chunks)).toEqual(audio[0]);
  });

  test('may be empty: no samples, no voice', async () => {
    const inputs = await processor.process(TEXTS.slice(0, 2));
    // any probability of the end is above this
    const { audio, outputLengths, takes } = await model.generate(inputs, {
      minEosP: Number.MIN_VALUE,
      returnOutputLengths: true,
      outputFull: true,
    });
    expect(audio.map(({ length }) => length)).toEqual([0, 0]);
    expect(outputLengths).toEqual([0, 0]);
    expect(takes?.map(({ voice }) => voice)).toEqual([null, null]);
    await expect(
      Array.fromAsync(model.stream({ inputIds: [[1]] }, { minEosP: Number.MIN_VALUE })),
    ).resolves.toEqual([]);
  });
});

describe('while it speaks', () => {
  test('it tells where it stands', async () => {
    const inputs = await processor.process(TEXTS.slice(0, 2));
    const seen = new Map<string, number>();
    await model.generate(inputs, {
      ...SHORT,
      onProgress: ({ stage, row, step }) => seen.set(`${stage} ${row}`, step),
    });
    expect(Object.fromEntries(seen)).toEqual({
      'semantic 0': 12,
      'semantic 1': 12,
      'coarse 0': 36,
      'coarse 1': 36,
      'fine 0': 18,
      'fine 1': 18,
      'codec 0': 18,
      'codec 1': 18,
    });
  });

  test.each(['semantic', 'coarse', 'codec'] as const)(
    'it stops when told to in the %s stage',
    async (at) => {
      const inputs = await processor.process(TEXTS.slice(0, 2));
      const stop = new AbortController();
      let steps = 0;
      const speaking = model.generate(inputs, {
        ...SHORT,
        signal: stop.signal,
        onProgress: ({ stage }) => {
          if (stop.signal.aborted) steps += 1;
          if (stage === at) stop.abort(new Error('enough'));
        },
      });
      if (at === 'codec') await speaking.catch(() => undefined);
      else await expect(speaking).rejects.toThrow('enough');
      expect(steps).toBeLessThan(3);
    },
  );
});

describe('inputs that do not fit', () => {
  test.each([
    ['no rows', { inputIds: [] }, 'ValueError', 'inputIds is missing'],
    ['a mask of other rows', { inputIds: [[1]], attentionMask: [] }, 'ValueError', 'attentionMask'],
    [
      'a mask of other length',
      { inputIds: [[1]], attentionMask: [[1, 1]] },
      'ValueError',
      'attentionMask',
    ],
    [
      'an id beyond the vocabulary',
      { inputIds: [[5_000]] },
      'IndexError',
      'inputIds must lie in 0..',
    ],
    [
      'a voice beyond the vocabulary',
      {
        inputIds: [[1]],
        historyPrompt: {
          semanticPrompt: Uint16Array.of(9_000),
          coarsePrompt: new Uint16Array(2),
          finePrompt: new Uint16Array(8),
        },
      },
      'IndexError',
      'historyPrompt',
    ],
  ])('%s', async (_, inputs, reference, message) => {
    const failing = model.generate(inputs, SHORT);
    await expect(failing).rejects.toEqual(
      expect.objectContaining({ name: 'BarkError', reference }),
    );
    await expect(failing).rejects.toThrow(message);
  });

  test('a stream of two rows', async () => {
    await expect(model.stream({ inputIds: [[1], [2]] }).next()).rejects.toThrow(
      'one row; there are 2',
    );
  });
});
