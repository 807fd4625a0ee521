import { describe, expect, test } from 'vitest';
import type { CodesLayout } from '#shared/codec/codes-layout.ts';
import type { CodesPart } from '#shared/codec/codes-stream.ts';
import { codesJoiner, sampleJoiner } from './joiners.ts';

const LAYOUT: CodesLayout = {
  decoder: 'ab'.repeat(32),
  codebooks: 8,
  codeBits: 10,
  sampleRate: 24_000,
  hopSamples: 320,
  firstChunkFrames: 7,
};
const CODES = Int16Array.from({ length: 8 * 100 }, (_, i) => i % 1_024);

function joined(size: number): CodesPart[] {
  const sentence = codesJoiner(LAYOUT).sentence();
  const parts: CodesPart[] = [];
  for (let at = 0; at < CODES.length; at += size) {
    parts.push(...sentence.write(CODES.subarray(at, at + size)));
  }
  return [...parts, ...sentence.end()];
}

describe('codes', () => {
  test.each([1, 7, 8, 100, 800])(
    'in pieces of %i are whole frames, half a second at most',
    (size) => {
      const [begin, ...parts] = joined(size);
      expect(begin).toEqual({ kind: 'sentence' });
      const codes = parts.flatMap((part) => (part.kind === 'frames' ? [...part.codes] : []));
      expect(codes).toEqual([...CODES]);
      for (const part of parts) {
        const length = part.kind === 'frames' ? part.codes.length : 0;
        expect(length % 8).toBe(0);
        expect(length).toBeLessThanOrEqual(38 * 8);
        expect(codesJoiner(LAYOUT).samplesOf(part)).toBe((length / 8) * 320);
      }
    },
  );

  test('that end within a frame are no sentence', () => {
    const sentence = codesJoiner(LAYOUT).sentence();
    sentence.write(CODES.subarray(0, 12));
    expect(() => sentence.end()).toThrow('within a frame');
  });

  test('of a sentence that says nothing are nothing', () => {
    expect(codesJoiner(LAYOUT).sentence().end()).toEqual([]);
  });
});

test('samples and codes have the same breath between two sentences', () => {
  const samples = sampleJoiner(24_000);
  const codes = codesJoiner(LAYOUT);
  expect(codes.samplesOf(codes.pause())).toBe(samples.samplesOf(samples.pause()));
});
