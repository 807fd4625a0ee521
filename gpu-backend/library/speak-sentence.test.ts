import { expect, test } from 'vitest';
import { waveform } from '#shared/bark/shapes.ts';
import { speakSentence, type Heard } from './speak-sentence.ts';

const TEXT = 'one, two, three, four';

/** A voice that ends by itself as `ends` says; null knows no word of a text. */
function voice(ends: (text: string, attempt: number) => boolean | 'silent' | null) {
  const said: string[] = [];
  const kept: string[] = [];
  const speak = async (text: string, attempt: number): Promise<Heard | null> => {
    const end = ends(text, attempt);
    if (end === null) return null;
    said.push(`${attempt} ${text}`);
    const audio = waveform(new Float32Array(end === 'silent' ? 0 : 1));
    const none = new Int32Array(0);
    const take = {
      semantic: none,
      coarse: none,
      fine: none,
      isComplete: end !== false,
      voice: null,
    };
    return { text, audio, take };
  };
  const halve = (text: string): string[] => {
    const words = text.split(', ');
    const middle = Math.ceil(words.length / 2);
    return [words.slice(0, middle), words.slice(middle)].flatMap((part) =>
      part.length === 0 ? [] : [part.join(', ')],
    );
  };
  const tools = {
    attempts: 2,
    speak,
    ends: async (text: string, attempt: number) => ends(text, attempt) === true,
    halve,
    keep: ({ text }: Heard) => kept.push(text),
  };
  return { said, kept, tools };
}

test('what ends by itself is spoken once', async () => {
  const { said, tools } = voice(() => true);
  expect(await speakSentence(TEXT, tools)).toMatchObject({ outcome: 'spoken', attempts: 1 });
  expect(said).toEqual([`0 ${TEXT}`]);
});

test('what does not is tried with other draws', async () => {
  const { said, kept, tools } = voice((_, attempt) => attempt === 1);
  expect(await speakSentence(TEXT, tools)).toMatchObject({ outcome: 'spoken', attempts: 2 });
  expect([said, kept]).toEqual([[`0 ${TEXT}`, `1 ${TEXT}`], [TEXT]]);
});

test('then in halves, and halves of those, each with draws of its own', async () => {
  const { said, kept, tools } = voice((text) => text.length < 6 || text === 'one, two');
  const spoken = await speakSentence(TEXT, tools);
  expect(spoken).toMatchObject({ outcome: 'spoken', attempts: 7 });
  expect(kept).toEqual(['one, two', 'three', 'four']);
  expect(spoken.heard.map(({ text }) => text)).toEqual(kept);
  expect(said).toEqual([`0 ${TEXT}`, '2 one, two', '3 three, four', '5 three', '6 four']);
});

test('what never ends says that it is cut, all of it being heard as far as it goes', async () => {
  const { kept, tools } = voice((text) => text === 'one');
  expect(await speakSentence(TEXT, tools)).toMatchObject({ outcome: 'cut' });
  expect(kept).toEqual(['one', 'two', 'three', 'four']);
});

test('a part that stays silent makes the whole a cut one', async () => {
  const { tools } = voice((text) => (text === 'three, four' ? 'silent' : text === 'one, two'));
  expect(await speakSentence(TEXT, tools)).toMatchObject({ outcome: 'cut', attempts: 5 });
});

test('what is silent in all attempts says so, and what has no words was not tried', async () => {
  const silent = voice(() => 'silent');
  expect(await speakSentence(TEXT, silent.tools)).toEqual({
    heard: [],
    outcome: 'silent',
    attempts: 2,
  });
  const wordless = voice(() => null);
  expect(await speakSentence(TEXT, wordless.tools)).toEqual({
    heard: [],
    outcome: 'silent',
    attempts: 0,
  });
});
