import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startSpeaker } from './speaker.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));

test('a speaker tells of every stream what it took, and of itself what it holds', async () => {
  const speaker = await startSpeaker({
    folder: TINY,
    threads: 1,
    device: 'cpu',
    precision: 'int8',
    rows: 2,
  });
  try {
    const takes = [0, 1].map((index) => ({ latency: 'fast' as const, tokens: 50, index }));
    const { streams, wallMs, residentMb } = await speaker.speak(takes);
    expect(streams).toHaveLength(2);
    for (const { audioSeconds, firstAudioMs, totalMs, report } of streams) {
      expect(audioSeconds).toBe(1);
      expect(report.semantic.steps).toBe(50);
      expect(firstAudioMs).toBeLessThan(totalMs);
      expect(totalMs).toBeLessThanOrEqual(wallMs);
    }
    expect(residentMb).toBeGreaterThan(50);
  } finally {
    speaker.stop();
  }
});

test('what is wrong with a checkpoint is told', async () => {
  const setup = {
    folder: `${TINY}-that-is-not-there`,
    threads: 1,
    precision: 'int8',
    rows: 1,
  } as const;
  await expect(startSpeaker(setup)).rejects.toThrow('bark-tiny-that-is-not-there');
});
