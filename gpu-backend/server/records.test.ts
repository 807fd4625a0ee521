import { expect, test } from 'vitest';
import { MAX_RECORDED_SENTENCES, MAX_SENTENCES_OF_REQUEST, Records } from './records.ts';

const ended = (row: number) => ({ row, outcome: 'done', samples: 320, report: null });

test('sentences of one request stand together, in the order of their ends', () => {
  const records = new Records();
  records.add('a', ended(0));
  records.add('b', ended(0));
  records.add('a', ended(1));
  expect(records.of('a')).toEqual({ id: 'a', sentences: [ended(0), ended(1)] });
  expect(records.of('c')).toBeNull();
});

test('what a sentence came to stands where it ran', () => {
  const records = new Records();
  const running = { row: 0, outcome: 'running', samples: 0, report: null };
  records.add('a', running);
  records.add('a', ended(1));
  records.add('a', ended(0), running);
  expect(records.of('a')?.sentences).toEqual([ended(0), ended(1)]);
  // forgotten meanwhile
  records.add('b', ended(0), running);
  expect(records.of('b')?.sentences).toEqual([ended(0)]);
});

test('requests of two callers may have one id', () => {
  const records = new Records();
  records.add('one/a', ended(0));
  records.add('two/a', ended(1));
  expect(records.of('one/a')).toEqual({ id: 'a', sentences: [ended(0)] });
  expect(records.of('two/a')).toEqual({ id: 'a', sentences: [ended(1)] });
  expect(records.of('a')).toBeNull();
});

test('what was heard of least lately is forgotten, so that memory is bounded', () => {
  const records = new Records();
  records.add('kept', ended(0));
  records.add('old', ended(0));
  records.add('kept', ended(1));
  for (let i = 0; i < MAX_RECORDED_SENTENCES - 2; i += 1) records.add(`one of many ${i}`, ended(0));
  expect(records.of('old')).toBeNull();
  expect(records.of('kept')?.sentences).toHaveLength(2);
});

test('a name that is used without end keeps its last sentences', () => {
  const records = new Records();
  for (let row = 0; row < 3 * MAX_SENTENCES_OF_REQUEST; row += 1) records.add('same', ended(row));
  const sentences = records.of('same')?.sentences ?? [];
  expect(sentences).toHaveLength(MAX_SENTENCES_OF_REQUEST);
  expect(sentences.at(-1)).toEqual(ended(3 * MAX_SENTENCES_OF_REQUEST - 1));
});
