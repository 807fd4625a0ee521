import { describe, expect, test } from 'vitest';
import { tokenizeText } from './tokenize-text.ts';

/** One token a word. */
const tokenizer = {
  encode: (text: string) =>
    Int32Array.from({ length: text.trim() === '' ? 0 : text.trim().split(/\s+/).length }, () => 1),
};
const options = { tokenizer, maxTokens: 12, language: 'en', normalization: 'auto' as const };

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

  test('are refused where there is nothing to say', () => {
    const silent = { ...options, tokenizer: { encode: () => new Int32Array(0) } };
    expect(() => tokenizeText('…', silent)).toThrow('nothing that can be spoken');
  });
});
