import { expect, test } from 'vitest';
import { wavEncoder } from '#shared/audio/wav.ts';
import { timedEncoder } from './timed-encoder.ts';

test('an encoder that is timed gives the same bytes, and each of its calls is counted', () => {
  let nowMs = 0;
  let spentMs = 0;
  const plain = wavEncoder(24_000);
  const timed = timedEncoder(
    wavEncoder(24_000),
    () => (nowMs += 3),
    (ms) => (spentMs += ms),
  );
  const samples = Int16Array.from({ length: 1_000 }, (_, i) => i);
  for (const encoder of [plain, timed]) expect(encoder.begin().byteLength).toBeGreaterThan(0);
  expect(timed.keepAlive()).toEqual(plain.keepAlive());
  expect(timed.write(samples)).toEqual(plain.write(samples));
  expect(timed.end()).toEqual(plain.end());
  timed.close();
  expect(spentMs).toBe(4 * 3);
});
