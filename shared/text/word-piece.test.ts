import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { npmTokenizer } from '../../scripts/oracle/npm-tokenizer.ts';
import { WordPiece } from './word-piece.ts';

interface Golden {
  readonly _made_by: string;
  readonly planes: Record<string, string>;
  readonly cases: readonly [text: string, ids: number[]][];
}

const FIXTURES = new URL('../../tests/fixtures/tokenizer/', import.meta.url);
const readFixture = (name: string): string => readFileSync(new URL(name, FIXTURES), 'utf8');

const vocabTxt = readFixture('vocab.txt');
const golden = JSON.parse(readFixture('golden.json')) as Golden;
const texts = JSON.parse(readFixture('texts.json')) as Record<string, string[]>;
const wordPiece = WordPiece.fromVocabulary(vocabTxt);
const idOf = (piece: string): number => vocabTxt.split('\n').indexOf(piece);
const encode = (text: string): number[] => [...wordPiece.encode(text)];

describe('the fast tokenizer of Python', () => {
  test('gives the same ids for texts in 13 languages, hostile ones and mixtures', () => {
    expect(Object.keys(texts).length).toBe(13);
    expect(golden.cases.length).toBeGreaterThan(400);
    for (const [text, ids] of golden.cases) {
      expect(encode(text), JSON.stringify(text)).toEqual(ids);
    }
  });

  test.each(Object.entries(golden.planes))(
    'gives the same ids for every code point of plane %s',
    async (plane, digest) => {
      const ids: number[] = [];
      const first = Number(plane) << 16;
      for (let codePoint = first; codePoint < first + 0x1_0000; codePoint += 1) {
        if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
        ids.push(...wordPiece.encode(`a${String.fromCodePoint(codePoint)}b`));
      }
      const hash = await crypto.subtle.digest('SHA-256', Int32Array.from(ids));
      expect(Buffer.from(hash).toString('hex')).toBe(digest);
    },
  );
});

describe('the tokenizer of JavaScript', () => {
  const oracle = npmTokenizer(vocabTxt.trimEnd().split('\n'));

  // Python wins: this one misses ideographs beyond the BMP, takes punctuation from a newer
  // Unicode, and finds a special token that only cleaning makes
  const KNOWN_DIFFERENCES =
    /[\u{20000}-\u{2fa1f}]|\u061d|\u166d|[\u2e43-\u2e5d]|\u{111c9}|\[M\u200bASK\]/u;

  test('gives the same ids for every text but those with its known differences', () => {
    const compared = golden.cases.filter(([text]) => !KNOWN_DIFFERENCES.test(text));
    expect(compared.length).toBeGreaterThan(350);
    for (const [text] of compared) {
      expect(encode(text), JSON.stringify(text)).toEqual(oracle(text));
    }
  });
});

test('ids of special tokens come from the vocabulary, and so does the size', () => {
  const moved = WordPiece.fromVocabulary('a\n[MASK]\n[SEP]\n[CLS]\n[UNK]\n[PAD]\n##b\n');
  expect(moved.size).toBe(7);
  expect([...moved.encode('ab [MASK]é[PAD]')]).toEqual([0, 6, 1, 4, 5]);
});

test('a vocabulary with Windows line ends, or without a last one, reads the same', () => {
  const windows = WordPiece.fromVocabulary(vocabTxt.trimEnd().replaceAll('\n', '\r\n'));
  expect(windows.size).toBe(wordPiece.size);
  expect([...windows.encode('Hallo [PAD] Welt')]).toEqual(encode('Hallo [PAD] Welt'));
});

test.each(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'])(
  'a vocabulary without %s is refused by name',
  (token) => {
    const without = vocabTxt.split('\n').filter((piece) => piece !== token);
    expect(() => WordPiece.fromVocabulary(without.join('\n'))).toThrow(
      `The vocabulary lacks ${token}; use the vocab.txt`,
    );
  },
);

test('lone surrogates are dropped, as their UTF-8 replacement would be', () => {
  expect(encode('a\ud800b')).toEqual(encode('ab'));
  expect(encode('\udc00')).toEqual([]);
  expect(encode('a\udc00\ud800b 👍\ud83d')).toEqual(encode('a\ufffd\ufffdb 👍\ufffd'));
});

test('a word of 100 code points is matched and one of 101 is unknown', () => {
  expect(encode('a'.repeat(100))).toEqual([idOf('a'), ...Array(99).fill(idOf('##a'))]);
  expect(encode('a'.repeat(101))).toEqual([idOf('[UNK]')]);
});

test('pieces, brackets and unused entries of the vocabulary cannot be spelled in a text', () => {
  expect(encode('##a [laughs]')).not.toContain(idOf('[laughs]'));
  expect(encode('##')).toEqual([idOf('#'), idOf('#')]);
});

/** Milliseconds of the processor: what else the machine does is not counted. */
function timeMs(work: () => unknown): number {
  const begin = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1_000;
}

describe('time', () => {
  const filler = Array.from({ length: 119_547 }, (_, i) => `##${(i * 7_919).toString(36)}`);
  const large = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'a', '##a', `##${'a'.repeat(90)}b`]
    .concat(filler)
    .slice(0, 119_547)
    .join('\n');

  const hostile = WordPiece.fromVocabulary(large);

  test('a vocabulary of 119 547 pieces loads quickly', () => {
    expect(timeMs(() => WordPiece.fromVocabulary(large))).toBeLessThan(1_000);
  });

  test.each([
    ['one endless word', 'a'.repeat(200_000)],
    ['words of 100 code points', `${'a'.repeat(100)} `.repeat(2_000)],
    ['unknown words', `${'é'.repeat(100)} `.repeat(2_000)],
    ['combining marks', 'a' + '\u0301'.repeat(200_000)],
    ['dropped characters', '\u200d'.repeat(200_000)],
    ['opening brackets', '['.repeat(200_000)],
    ['special tokens', '[PAD]'.repeat(40_000)],
    ['unfinished special tokens', '[MASK'.repeat(40_000)],
    ['ideographs', '丽'.repeat(200_000)],
  ])('two hundred thousand characters of %s take no more than linear time', (_, text) => {
    expect(timeMs(() => hostile.encode(text))).toBeLessThan(5_000);
  });
});
