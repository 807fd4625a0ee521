import { describe, expect, test } from 'vitest';
import { History, type Take } from './history.ts';

function shelf(text: string | null = null) {
  const kept = new Map(text === null ? [] : [['bark-edge takes', text]]);
  return {
    kept,
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
}

const take = (id: string, more: Partial<Take> = {}): Take => ({
  id,
  text: 'Hello.',
  voice: 'default voice',
  format: 'mp3',
  latency: 'fast',
  seed: '7',
  speed: 1,
  seconds: 2,
  atMs: 5,
  ...more,
});

describe('the history', () => {
  test('is still there when the page comes again, the last take first', () => {
    const place = shelf();
    const history = new History(place);
    history.add(take('a'));
    history.add(take('b'));
    expect(new History(place).takes.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  test('has a take once for each format', () => {
    const history = new History(shelf());
    for (const one of [take('a'), take('b'), take('a'), take('a', { format: 'wav' })]) {
      history.add(one);
    }
    expect(history.takes.map(({ id, format }) => `${id} ${format}`)).toEqual([
      'a wav',
      'a mp3',
      'b mp3',
    ]);
  });

  test('forgets the oldest, and all when asked', () => {
    const place = shelf();
    const history = new History(place);
    for (let i = 0; i < 60; i += 1) history.add(take(String(i)));
    expect(history.takes).toHaveLength(50);
    expect(history.takes[0]?.id).toBe('59');
    history.clear();
    expect(history.takes).toEqual([]);
    expect(place.kept.size).toBe(0);
  });

  test.each(['', '{', '7', '[{"id": "x"}, null]'])('survives what is kept as %j', (text) => {
    expect(new History(shelf(text)).takes).toEqual([]);
  });

  test('goes on where nothing can be kept', () => {
    const full = shelf();
    full.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    const history = new History(full);
    history.add(take('a'));
    expect(history.takes).toHaveLength(1);
  });
});
