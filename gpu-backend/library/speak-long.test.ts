import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BarkProcessor } from '../processor/processor.ts';
import { BarkModel } from './bark-model.ts';
import { speakLong, type SpeakLongOptions, type SpokenSentence } from './speak-long.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
/** The same with shorter windows, which are quick. */
const QUICK = fileURLToPath(
  new URL('../../tests/fixtures/golden/bark-tiny-windows', import.meta.url),
);
const TEXT =
  'The quick brown fox runs away.  It does not look back at us!\nAfter 3.5 km it sleeps under a tree.';
/** Ends by itself after few tokens. */
const EARLY = { seed: 3, minEosP: 1e-4, minNewTokens: 4 };

let model: BarkModel;
let processor: BarkProcessor;
beforeAll(async () => {
  model = await BarkModel.fromPretrained(QUICK, { threads: 1 });
  processor = await BarkProcessor.fromPretrained(TINY);
});
afterAll(() => model.release());

function speak(text: string, options: SpeakLongOptions): Promise<SpokenSentence[]> {
  return Array.fromAsync(speakLong(model, processor, text, options));
}

describe('a long text', () => {
  test('is spoken sentence by sentence, with a pause between, and nothing is left out', async () => {
    const spoken = await speak(TEXT, { ...EARLY, voicePreset: 'v2/en_speaker_0' });
    expect(spoken.map(({ text }) => text)).toEqual([
      'The quick brown fox runs away.',
      'It does not look back at us!',
      'After 3.5 km it sleeps under a tree.',
    ]);
    let at = 0;
    let place = 0;
    for (const { index, text, from, to, audio, startSample, endSample, outcome } of spoken) {
      expect(outcome).toBe('spoken');
      expect(TEXT.slice(from, to)).toBe(text);
      expect(TEXT.slice(place, from).trim()).toBe('');
      const pause = index === 0 ? 0 : 6_000;
      expect(audio.subarray(0, pause).every((sample) => sample === 0)).toBe(true);
      expect([startSample, endSample]).toEqual([at + pause, at + audio.length]);
      expect(endSample).toBeGreaterThan(startSample);
      at += audio.length;
      place = to;
    }
    expect(place).toBe(TEXT.length);
  });

  test('has one voice: the first take, where there is no preset; with a rolling history each the last', async () => {
    const first = { ...EARLY, trimSilence: false, pauseSeconds: 0 };
    const [one, two, three] = await speak(TEXT, first);
    const rolling = await speak(TEXT, { ...first, rollingHistory: true });
    expect(rolling.slice(0, 2)).toEqual([one, two]);
    expect(rolling[2]?.audio).not.toEqual(three?.audio);
  });

  test('says when a sentence stays silent, after other attempts', async () => {
    const options = { seed: 1, minEosP: Number.MIN_VALUE };
    const spoken = await speak(TEXT, { ...options, attempts: 2 });
    expect(spoken.map(({ outcome, attempts, audio }) => [outcome, attempts, audio.length])).toEqual(
      Array.from({ length: 3 }, () => ['silent', 2, 0]),
    );
    const greedy = await speak(TEXT, { ...options, doSample: false });
    expect(greedy.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  });

  test('says when a sentence met the limit of tokens', async () => {
    const [cut] = await speak('The quick brown fox runs away.', {
      seed: 1,
      attempts: 2,
      semanticMaxNewTokens: 4,
    });
    expect([cut?.outcome, cut?.attempts]).toEqual(['cut', 2]);
    expect(cut?.audio.length).toBe(4 * 480);
  });

  test('speaks a sentence that is cut in parts, at its clauses, and leaves no word out', async () => {
    const text =
      'When the sun goes down behind the hills, the quick brown fox runs away from us, and it never looks back.';
    const options = { seed: 1, attempts: 2, semanticMaxNewTokens: 4, trimSilence: false };
    const [cut, ...others] = await speak(text, { ...options, outputFull: true });
    expect(others).toEqual([]);
    const parts = cut?.takes ?? [];
    expect(parts.length).toBeGreaterThan(1);
    expect(parts[0]?.text).toBe('When the sun goes down behind the hills,');
    expect(parts.map((part) => part.text).join(' ')).toBe(text);
    // the sentence twice, each part twice
    expect([cut?.outcome, cut?.attempts]).toEqual(['cut', 2 + 2 * parts.length]);
    expect(cut?.audio.length).toBe(parts.length * 4 * 480);
  });

  test('has no sentence when there is nothing but white space', async () => {
    expect(await speak(' \n ', EARLY)).toEqual([]);
  });

  test('stops when told to, within a sentence and between two', async () => {
    const stop = new AbortController();
    const sentences = speakLong(model, processor, TEXT, { ...EARLY, signal: stop.signal });
    expect((await sentences.next()).value?.index).toBe(0);
    stop.abort(new Error('enough'));
    await expect(sentences.next()).rejects.toThrow('enough');
  });

  test('tells where it stands', async () => {
    const seen = new Set<string>();
    await speak(TEXT, {
      ...EARLY,
      onProgress: ({ sentence, sentences, stage }) => seen.add(`${sentence}/${sentences} ${stage}`),
    });
    expect([...seen]).toContain('2/3 codec');
    expect(seen.size).toBe(12);
  });

  test.each([
    [{ pauseSeconds: -1 }, 'pauseSeconds must lie in 0..10'],
    [{ attempts: 0 }, 'attempts must lie in 1..10'],
    [{ attempts: 1.5 }, 'whole number'],
    [{ maxNewTokens: 4 }, 'semanticMaxNewTokens'],
    [{ loudness: 4 }, 'There is no option "loudness"'],
    [{ historyPrompt: null }, 'here it is voicePreset'],
    [{ returnOutputLengths: true }, 'startSample and endSample'],
    [{ voicePreset: 'v2/nobody' }, 'v2/nobody.npz does not exist'],
  ])('refuses %j, with a text or without', async (options, message) => {
    await expect(speak(TEXT, options as SpeakLongOptions)).rejects.toThrow(message);
    await expect(speak('', options as SpeakLongOptions)).rejects.toThrow(message);
  });
});
