/** What users of other speech servers complain about, asked of this one as they ask: over HTTP. docs/complaints.md has all. */
import { beforeEach, describe, expect, test } from 'vitest';
import { makeEdge, type Edge } from '../../tests/workers/edge.ts';
import { FIXTURE_VOICE } from '../../tests/workers/fixture-checkpoint.ts';

let edge: Edge;
beforeEach(() => {
  edge = makeEdge({ backend: { samples: 2_400 } });
});

/** Speaks a text to its end; what the backend was asked to say. */
async function said(input: string, fields: object = {}): Promise<Edge['backend']['speaks']> {
  const from = edge.backend.speaks.length;
  const response = await edge.speak({ input, response_format: 'pcm', ...fields });
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  return edge.backend.speaks.slice(from);
}

/** The characters whose times are told, sentence after sentence. */
async function timed(text: string): Promise<string> {
  const response = await edge.app.request(
    `/v1/text-to-speech/${FIXTURE_VOICE}/with-timestamps?output_format=pcm_24000`,
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ text }),
    },
  );
  const { alignment } = (await response.json()) as { alignment: { characters: string[] } };
  return alignment.characters.join('');
}

const withoutSpaces = (text: string): string => text.replaceAll(/\s/g, '');

describe('others are told of it, here', () => {
  test.each([
    'Dr. Smith paid 3.5 dollars to Mr. Jones at 5 p.m., i.e. too much.',
    'The U.S. economy grew by 2.5 percent vs. last year, says Prof. Lee.',
  ])('an abbreviation and a decimal point end no sentence: %s', async (input) => {
    expect(await said(input)).toHaveLength(1);
  });

  test.each([
    ['**Hello** _wide_ `world`.', 'Hello wide world.'],
    ['# Hello wide world.', 'Hello wide world.'],
    ['- Hello wide world. 🎉🎉', 'Hello wide world.'],
    ['[Hello](https://example.com/a?b=c) wide world.', 'Hello wide world.'],
  ])('marks and emoji are not read aloud: %s', async (marked, plain) => {
    const [withMarks, without] = [await said(marked), await said(plain)];
    expect(withMarks.map(({ ids }) => ids)).toEqual(without.map(({ ids }) => ids));
  });

  test.each([
    ['It is 5:30 p.m.', 'It is five thirty p.m.'],
    ['I owe you $5.50.', 'I owe you five dollars and fifty cents.'],
    ['The year 1999 and 21 dogs.', 'The year nineteen ninety-nine and twenty-one dogs.'],
  ])('numbers are read as one says them: %s', async (written, read) => {
    const ids = async (text: string): Promise<unknown> => (await said(text)).map((one) => one.ids);
    expect(await ids(written)).toEqual(await ids(read));
  });

  test('times belong to the text as it was given, not as it is read', async () => {
    const text =
      'I owe you $5.50 since 3/4/2026, **Dr.** Smith. See https://example.com, or call 555-1234!';
    expect(withoutSpaces(await timed(text))).toBe(withoutSpaces(text));
  });

  test('no word of a long text is skipped, and none is said twice', async () => {
    const text = Array.from(
      { length: 60 },
      (_, i) => `Sentence ${i + 1}, of Dr. No, is about $${i}.50 and the “moon” — isn't it?`,
    ).join(' ');
    expect(text.length).toBeGreaterThan(3_000);
    expect(withoutSpaces(await timed(text))).toBe(withoutSpaces(text));
  });

  test('one voice and one seed speak a text from its beginning to its end', async () => {
    const text =
      'The voice says hello to the world, and the world says hello to the voice. '.repeat(9);
    const speaks = await said(text);
    expect(speaks).toHaveLength(9);
    expect(new Set(speaks.map(({ voice }) => voice)).size).toBe(1);
    expect(new Set(speaks.map(({ seed }) => seed)).size).toBe(1);
    expect(speaks.map(({ row }) => row)).toEqual(speaks.map((_, i) => i));
  });

  test('very short sentences are said together, so that nothing is invented around them', async () => {
    expect(await said('No. Yes. Well, hello there.')).toHaveLength(1);
  });

  test('a text that is too long is refused, not cut', async () => {
    const response = await edge.speak({ input: 'Hello. '.repeat(600) });
    expect(response.status).toBe(413);
    expect(edge.backend.speaks).toEqual([]);
  });

  test('the format does not change what is said', async () => {
    const takes = [];
    for (const response_format of ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm', 'mulaw', 'alaw']) {
      const response = await edge.speak({ input: 'Hello wide world.', response_format });
      takes.push(response.headers.get('X-Take-Id'));
      await response.arrayBuffer();
    }
    expect(new Set(takes).size).toBe(1);
  });
});
