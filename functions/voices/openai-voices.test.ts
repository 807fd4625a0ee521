import { expect, test } from 'vitest';
import type { Manifest } from '#shared/bark/manifest.ts';
import { OPENAI_VOICES, voiceOfOpenAiName } from './openai-voices.ts';

const voice = (id: string, language: string | null): Manifest['voices'][number] => ({
  id,
  name: id,
  language,
  files: { npz: 'x.npz' },
});
const MANIFEST: Manifest = {
  model: 'm',
  vocabulary: { file: 'v.txt', sha256: '0'.repeat(64) },
  defaultVoice: 'en_1',
  voices: [voice('de_0', 'de'), voice('en_0', 'en'), voice('en_1', 'en'), voice('en_2', 'en')],
};

test('alloy is the default voice', () => {
  expect(voiceOfOpenAiName('alloy', MANIFEST)).toBe('en_1');
});

test('the names share out the voices of its language', () => {
  const all = OPENAI_VOICES.map((name) => voiceOfOpenAiName(name, MANIFEST));
  expect(all.slice(0, 4)).toEqual(['en_1', 'en_2', 'en_0', 'en_1']);
  expect(new Set(all)).toEqual(new Set(['en_0', 'en_1', 'en_2']));
});

test('other names stand for nothing, and without voices all do', () => {
  expect(voiceOfOpenAiName('nobody', MANIFEST)).toBeUndefined();
  expect(
    voiceOfOpenAiName('alloy', { ...MANIFEST, voices: [], defaultVoice: null }),
  ).toBeUndefined();
});
