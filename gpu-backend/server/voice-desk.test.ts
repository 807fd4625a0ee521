import { encodeVoice, hashVoice, voiceFromPrompts } from '#shared/bark/voice.ts';
import { expect, test } from 'vitest';
import { FakeClock } from '../../tests/support/fake-clock.ts';
import { VoiceCache } from './voice-cache.ts';
import { VoiceDesk } from './voice-desk.ts';

const VOICE = voiceFromPrompts({
  semantic_prompt: { shape: [2], data: [1, 2] },
  coarse_prompt: { shape: [2, 1], data: [3, 4] },
  fine_prompt: { shape: [8, 1], data: [3, 4, 5, 6, 7, 8, 9, 10] },
});

test('a voice is taken out of the buffer it shares before that changes', async () => {
  const bytes = encodeVoice(VOICE);
  const hash = await hashVoice(bytes);
  const desk = new VoiceDesk({
    cache: new VoiceCache(),
    clock: new FakeClock(),
    ask: () => undefined,
  });
  const voice = desk.voice(1, hash, new AbortController().signal);
  const pool = new Uint8Array(bytes.length + 64);
  pool.set(bytes, 32);
  const received = desk.receive({ request: 1, voice: pool.subarray(32, 32 + bytes.length) });
  pool.fill(255);
  await received;
  expect(await voice).toEqual(VOICE);
});
