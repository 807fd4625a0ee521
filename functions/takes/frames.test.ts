import { describe, expect, test } from 'vitest';
import { encodeFrame, readFrames, type Frame } from './frames.ts';

const FRAMES: readonly Frame[] = [
  { kind: 'text', text: '{"type":"accepted"}' },
  { kind: 'audio', bytes: Uint8Array.from({ length: 501 }, (_, i) => i % 256) },
  { kind: 'audio', bytes: new Uint8Array(0) },
  { kind: 'text', text: 'zu Ende ♪' },
];

function cut(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.byteLength) return controller.close();
      controller.enqueue(bytes.subarray(at, (at += size)));
    },
  });
}

async function framesOf(stream: ReadableStream<Uint8Array>): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of readFrames(stream, new AbortController().signal)) frames.push(frame);
  return frames;
}

const wire = Uint8Array.from(FRAMES.flatMap((frame) => [...encodeFrame(frame)]));

describe('frames', () => {
  test.each([1, 2, 3, 5, 64, 10_000])('are read back in pieces of %i bytes', async (size) => {
    expect(await framesOf(cut(wire, size))).toEqual(FRAMES);
  });

  test('that break off are noticed', async () => {
    for (const bytes of [wire.subarray(0, 3), wire.subarray(0, 40)]) {
      await expect(framesOf(cut(bytes, 7))).rejects.toThrow('ended inside');
    }
  });

  test('are no longer asked for once the signal says so', async () => {
    let isCancelled = false;
    const leaving = new AbortController();
    const stream = new ReadableStream<Uint8Array>({
      cancel: () => {
        isCancelled = true;
      },
    });
    const next = readFrames(stream, leaving.signal).next();
    leaving.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(isCancelled).toBe(true);
  });
});
