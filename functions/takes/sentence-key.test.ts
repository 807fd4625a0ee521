import { describe, expect, test } from 'vitest';
import type { BackendInfo, Sentence } from '../backend/synthesizer.ts';
import { keptKey, sentenceKey, speakerOf, takeId } from './sentence-key.ts';

const SENTENCE: Omit<Sentence, 'key'> = {
  ids: Int32Array.of(1, 2, 3),
  voice: { hash: 'a'.repeat(64), bytes: new Uint8Array(1) },
  options: { semantic: { temperature: 0.7, topK: null } },
  latency: 'balanced',
  seed: 7,
  row: 0,
  codes: null,
};

const INFO: BackendInfo = {
  model: 'bark',
  vocabulary: null,
  sampleRate: 24_000,
  maxSentenceTokens: 256,
  latencyModes: ['balanced'],
};

describe('the key of a sentence', () => {
  test('is another one for other weights or another engine of the same name', async () => {
    const speakers = [
      INFO,
      { ...INFO, fingerprint: 'a0'.repeat(32) },
      { ...INFO, fingerprint: 'a1'.repeat(32) },
    ];
    const keys = speakers.map((info) => sentenceKey(speakerOf(info), SENTENCE));
    expect(new Set(await Promise.all(keys)).size).toBe(3);
  });

  test('does not mind how the request was written, nor the bytes behind a hash', async () => {
    const same: Omit<Sentence, 'key'> = {
      row: 0,
      codes: null,
      seed: 7,
      latency: 'balanced',
      options: { semantic: { topK: null, temperature: 0.7 } },
      voice: { hash: 'a'.repeat(64), bytes: new Uint8Array(2) },
      ids: Int32Array.of(1, 2, 3),
    };
    const key = await sentenceKey('bark', SENTENCE);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(await sentenceKey('bark', same)).toBe(key);
  });

  test('names the sound, told as samples or as codes; what is kept of them lies apart', async () => {
    const codes = {
      decoder: 'd0'.repeat(32),
      codebooks: 8,
      codeBits: 10,
      sampleRate: 24_000,
      hopSamples: 320,
      firstChunkFrames: 7,
    };
    const key = await sentenceKey('bark', SENTENCE);
    expect(await sentenceKey('bark', { ...SENTENCE, codes })).toBe(key);
    expect(keptKey(key, null)).toBe(key);
    expect(new Set([key, keptKey(key, codes.decoder), keptKey(key, 'd1'.repeat(32))]).size).toBe(3);
  });

  test('is another one for anything that sounds another way', async () => {
    const changes: Partial<Sentence>[] = [
      { ids: Int32Array.of(1, 2, 4) },
      { voice: null },
      { options: { semantic: { temperature: 0.8, topK: null } } },
      { options: {} },
      { latency: 'fast' },
      { seed: 8 },
      { row: 1 },
    ];
    const keys = await Promise.all([
      sentenceKey('bark', SENTENCE),
      sentenceKey('bark-small', SENTENCE),
      ...changes.map((change) => sentenceKey('bark', { ...SENTENCE, ...change })),
    ]);
    expect(new Set(keys).size).toBe(changes.length + 2);
  });

  test('in its order makes the id of a take', async () => {
    expect(await takeId(['a', 'b'])).toMatch(/^take_[0-9a-f]{32}$/);
    expect(await takeId(['a', 'b'])).not.toBe(await takeId(['b', 'a']));
    expect(await takeId(['ab'])).not.toBe(await takeId(['a', 'b']));
  });
});
