/** The page on codes shows a stream as it is. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { codesEncoder, CodesReader } from './codes-stream.ts';

const page = readFileSync(new URL('../../docs/codes.md', import.meta.url), 'utf8');

function example(): Uint8Array {
  const [, hex = ''] = /```hex\n([^`]*)```/.exec(page) ?? [];
  const bytes = hex.replaceAll(/#.*/g, '').match(/[0-9a-f]{2}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16));
}

test('the stream on the page reads as it says, and is written so', () => {
  const reader = new CodesReader();
  const parts = reader.add(example());
  expect(parts).toEqual([
    { kind: 'sentence' },
    { kind: 'frames', codes: Int16Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
    { kind: 'silence', samples: 6_000 },
  ]);
  expect(reader.hasEnded).toBe(true);
  const { header } = reader;
  expect(header).toMatchObject({
    codebooks: 8,
    codeBits: 10,
    firstChunkFrames: 7,
    rampSamples: 120,
  });
  if (header === null) return;
  const encoder = codesEncoder(header);
  const written = [encoder.begin(), ...parts.map((part) => encoder.write(part)), encoder.end()];
  expect(Buffer.concat(written)).toEqual(Buffer.from(example()));
});
