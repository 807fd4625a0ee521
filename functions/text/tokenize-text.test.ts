import { describe, expect, test } from 'vitest';
import { NORMALIZATION_MODES } from '#shared/text/normalize/normalize-text.ts';
import { tokenizeText } from './tokenize-text.ts';

/** One token a word. */
const tokenizer = {
  encode: (text: string) =>
    Int32Array.from({ length: text.trim() === '' ? 0 : text.trim().split(/\s+/).length }, () => 1),
};
const options = { tokenizer, maxTokens: 12, language: 'en', normalization: 'auto' as const };

function partsOf(text: string, changed: Partial<typeof options> = {}): string[] {
  return tokenizeText(text, { ...options, ...changed }).map(({ start, end }) =>
    text.slice(start, end),
  );
}

describe('the sentences of a text', () => {
  test('know their places in it', () => {
    const text =
      '  First comes a sentence of a fair length.\n\nThen comes one that is far too long to be said in one breath, ' +
      'and so it is cut in two or more.   First comes a sentence of a fair length. ';
    const sentences = tokenizeText(text, options);
    const said = sentences.map(({ start, end }) => text.slice(start, end));
    expect(said.length).toBeGreaterThanOrEqual(4);
    expect(said[0]).toBe('First comes a sentence of a fair length.');
    expect(said.at(-1)).toBe(said[0]);
    expect(said.join(' ')).toBe(text.trim().replaceAll(/\s+/g, ' '));
    sentences.forEach(({ ids }, i) => expect(ids).toHaveLength(said[i]?.split(/\s+/).length ?? 0));
  });

  test.each(['…', '🥚🎉', '**', '---\n***'])(
    'are refused where there is nothing to say: %j',
    (text) => {
      const encode = (said: string): Int32Array => new Int32Array(/\p{L}/u.test(said) ? 1 : 0);
      expect(() => tokenizeText(text, { ...options, tokenizer: { encode } })).toThrow(
        'nothing that can be spoken',
      );
    },
  );

  test('are those of the text as it is read, in the words as they were given', () => {
    const text =
      '# My list\n\n- 12 eggs for $5.50 from the market in town.\n- 3 litres of milk, and some bread.\n\n' +
      '**Call me** at 555-1234 when you are done! 🎉 Thank you so much for doing all of this.';
    expect(partsOf(text, { maxTokens: 60 })).toEqual([
      '# My list\n\n- 12 eggs for $5.50 from the market in town.\n- 3 litres of milk, and some bread.',
      '**Call me** at 555-1234 when you are done! 🎉',
      'Thank you so much for doing all of this.',
    ]);
  });

  test('share a number that is too long for one of them', () => {
    const digits = '12345'.repeat(40);
    const parts = partsOf(digits, { maxTokens: 20 });
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.join('')).toBe(digits);
  });
});

test.each(NORMALIZATION_MODES)('nothing of a text is lost when numbers are %s', (normalization) => {
  const pieces = [
    '**Hello**, my dog is cute. |# Title\n|- an item\n|🥚| 🎉 |[laughs] |♪ la ♪ |$5.50 |1,234,567 |2026-11-23 ',
    'https://example.com/a?b=c |<b>x</b> |你好。|यह ठीक है। |\n\n|... |Dr. Who said so! |`code` |\ud83d|12345678901234',
  ].flatMap((group) => group.split('|'));
  pieces.push('| a | b |\n');
  for (let round = 1; round < 300; round += 1) {
    const count = 1 + (round % 25);
    const chosen = Array.from(
      { length: count },
      (_, i) => pieces[(i * round * 7 + i * i) % pieces.length],
    );
    const text = `a ${chosen.join('')}`;
    const sentences = tokenizeText(text, { ...options, normalization });
    let last = 0;
    let all = '';
    for (const { start, end } of sentences) {
      expect(start).toBeGreaterThanOrEqual(last);
      expect(text.slice(last, start).trim()).toBe('');
      all += text.slice(start, end);
      last = end;
    }
    expect(all.replaceAll(/\s/gu, '')).toBe(text.replaceAll(/\s/gu, ''));
  }
});
