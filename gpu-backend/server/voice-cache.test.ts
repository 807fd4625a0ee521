import type { Voice } from '#shared/bark/voice.ts';
import { expect, test } from 'vitest';
import { VoiceCache } from './voice-cache.ts';

/** A voice of 2 * (1 + 2 + 8) * frames bytes. */
function voiceOf(frames: number): Voice {
  return {
    semanticPrompt: new Uint16Array(frames),
    coarsePrompt: new Uint16Array(2 * frames),
    finePrompt: new Uint16Array(8 * frames),
  };
}

test('a voice is found again under its hash', () => {
  const cache = new VoiceCache();
  const voice = voiceOf(1);
  cache.set('a', voice);
  expect(cache.get('a')).toBe(voice);
  expect(cache.get('b')).toBeUndefined();
});

test('the longest unused voice makes room, and the bytes stay bounded', () => {
  const cache = new VoiceCache(44);
  cache.set('a', voiceOf(1));
  cache.set('b', voiceOf(1));
  cache.get('a');
  cache.set('c', voiceOf(1));
  expect(cache.get('b')).toBeUndefined();
  expect(cache.get('a')).toBeDefined();
  expect(cache.get('c')).toBeDefined();
  expect(cache.sizeBytes).toBe(44);
});

test('a voice that is larger than the cache is not kept and drives none out', () => {
  const cache = new VoiceCache(44);
  cache.set('a', voiceOf(1));
  cache.set('large', voiceOf(3));
  expect(cache.get('large')).toBeUndefined();
  expect(cache.get('a')).toBeDefined();
});

test('the same voice twice counts once', () => {
  const cache = new VoiceCache(44);
  cache.set('a', voiceOf(1));
  cache.set('a', voiceOf(1));
  expect(cache.sizeBytes).toBe(22);
});
