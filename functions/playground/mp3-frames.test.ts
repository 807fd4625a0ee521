import { describe, expect, test } from 'vitest';
import { makeEdge } from '../../tests/workers/edge.ts';
import { Mp3Frames } from './mp3-frames.ts';

const SECONDS = 2;

async function mp3(rate: number): Promise<Uint8Array<ArrayBuffer>> {
  const edge = makeEdge({ backend: { samples: 24_000 * SECONDS } });
  const response = await edge.speak({ input: 'Hello.', response_format: 'mp3', sample_rate: rate });
  return new Uint8Array(await response.arrayBuffer());
}

describe('the frames of an mp3', () => {
  test.each([
    [8_000, 576],
    [22_050, 576],
    [24_000, 576],
    [44_100, 1_152],
    [48_000, 1_152],
  ])('at %i Hz are all found, however the bytes are split', async (rate, samplesAFrame) => {
    const bytes = await mp3(rate);
    for (const step of [1, 100, 1_000_000]) {
      const reader = new Mp3Frames();
      const frames = [];
      for (let at = 0; at < bytes.length; at += step) {
        frames.push(...reader.add(bytes.slice(at, at + step)));
      }
      expect(frames[0]).toMatchObject({ rate, channels: 1 });
      const seconds = (frames.length * samplesAFrame) / rate;
      expect(seconds).toBeGreaterThanOrEqual(SECONDS);
      expect(seconds).toBeLessThan(SECONDS + 4 * (samplesAFrame / rate));
      // from the first frame on there is nothing else
      const total = frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
      const tag = bytes.length - total;
      expect(String.fromCharCode(...bytes.subarray(0, 3))).toBe('ID3');
      expect([...bytes.subarray(tag, tag + 1)]).toEqual([0xff]);
    }
  });

  test('come as soon as they are whole', async () => {
    const bytes = await mp3(24_000);
    const reader = new Mp3Frames();
    expect(reader.add(bytes.slice(0, 2_000)).length).toBeGreaterThan(1);
  });

  test('are found again after bytes that are none', async () => {
    const bytes = await mp3(24_000);
    const whole = new Mp3Frames().add(bytes);
    const noise = Uint8Array.from({ length: 333 }, (_, i) => i % 200);
    const reader = new Mp3Frames();
    expect(reader.add(noise)).toEqual([]);
    expect(reader.add(bytes)).toHaveLength(whole.length);
  });
});
