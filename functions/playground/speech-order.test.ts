import { describe, expect, test } from 'vitest';
import { parseSpeechRequest } from '../routes/speech-request.ts';
import { complaint, countCharacters, readOrder } from './speech-order.ts';

const FIELDS: Record<string, string> = {
  input: ' Hello. ',
  response_format: 'opus',
  latency: 'fast',
  voice: '',
  seed: '',
  speed: '1',
  temperature: '',
};

const order = (more: Record<string, string> = {}) =>
  readOrder((name) => ({ ...FIELDS, ...more })[name] ?? '');

describe('an order', () => {
  test('leaves out what is left empty', () => {
    expect(order()).toEqual({ input: ' Hello. ', response_format: 'opus', latency: 'fast' });
  });

  test('is one that the edge takes', () => {
    const full = order({ voice: 'v2/en_speaker_1', seed: '7', speed: '1.25', temperature: '0,6' });
    const { order: read, audio } = parseSpeechRequest(full);
    expect(read).toMatchObject({ voice: 'v2/en_speaker_1', seed: 7, latency: 'fast' });
    expect(read.options.semantic?.temperature).toBe(0.6);
    expect(audio).toMatchObject({ format: 'opus', speed: 1.25 });
  });

  test.each([
    [{ input: '  ' }, 'Type something'],
    [{ input: '犬'.repeat(4_097) }, '4097 characters'],
    [{ seed: '-1' }, 'seed'],
    [{ seed: '1.5' }, 'seed'],
    [{ seed: 'x' }, 'seed'],
    [{ temperature: '0' }, 'temperature'],
    [{ temperature: 'warm' }, 'temperature'],
  ])('%j is complained of before it is sent', (more, word) => {
    expect(complaint(order(more), 4_096)).toContain(word);
  });

  test('is not complained of when all is well', () => {
    expect(complaint(order({ seed: '0', temperature: '1' }), 4_096)).toBeNull();
  });

  test('counts characters as the edge does', () => {
    expect(countCharacters('é犬🐶')).toBe(3);
  });
});
