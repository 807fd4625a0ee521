import { describe, expect, test } from 'vitest';
import { joinBytes } from '../audio/join-bytes.ts';
import { rampSamples } from '../audio/soft-ends.ts';
import { waveform } from '../bark/shapes.ts';
import type { CodecModel } from './codec-model.ts';
import {
  booksFirst,
  frameBytes,
  framesFirst,
  packFrames,
  unpackFrames,
  type CodesLayout,
} from './codes-layout.ts';
import { codesSound } from './codes-sound.ts';
import { codesEncoder, CodesReader, type CodesPart } from './codes-stream.ts';

const LAYOUT: CodesLayout = {
  decoder: 'ab'.repeat(32),
  codebooks: 8,
  codeBits: 10,
  sampleRate: 24_000,
  hopSamples: 320,
  firstChunkFrames: 7,
};
const HEADER_BYTES = 48;

function someCodes(frames: number, { codebooks, codeBits } = LAYOUT): Int16Array {
  return Int16Array.from(
    { length: frames * codebooks },
    (_, i) => (i * 7_919 + (i >> 3) * 31) % 2 ** codeBits,
  );
}

function written(parts: readonly CodesPart[], layout = LAYOUT): Uint8Array {
  const encoder = codesEncoder(layout);
  const bytes = [encoder.begin(), ...parts.map((part) => encoder.write(part)), encoder.end()];
  return joinBytes(bytes);
}

const TWO_SENTENCES: readonly CodesPart[] = [
  { kind: 'sentence' },
  { kind: 'frames', codes: someCodes(3) },
  { kind: 'frames', codes: someCodes(20) },
  { kind: 'silence', samples: 6_000 },
  { kind: 'sentence' },
  { kind: 'frames', codes: someCodes(9) },
];

describe('frames as bits', () => {
  test('of the published codec have 10 bytes each: 6 kbit/s', () => {
    expect(frameBytes(LAYOUT)).toBe(10);
    expect(frameBytes(LAYOUT) * 75 * 8).toBe(6_000);
  });

  test('have the first codebook first, the highest bit first', () => {
    const codes = Int16Array.of(0b1000000001, 0b0100000010, 0, 0, 0, 0, 0, 1_023);
    expect([...packFrames(codes, LAYOUT)]).toEqual([
      0b10000000, 0b01010000, 0b00100000, 0, 0, 0, 0, 0, 0b00000011, 0b11111111,
    ]);
  });

  test.each([
    [8, 10],
    [8, 15],
    [4, 10],
    [3, 7],
    [1, 1],
  ])('%i codes of %i bits come back as they were', (codebooks, codeBits) => {
    const size = { ...LAYOUT, codebooks, codeBits };
    const codes = someCodes(17, size);
    const bytes = packFrames(codes, size);
    expect(bytes.byteLength).toBe(17 * Math.ceil((codebooks * codeBits) / 8));
    expect(unpackFrames(bytes, size)).toEqual(codes);
  });

  test('refuse a code that has more bits, and half a frame', () => {
    expect(() => packFrames(new Int16Array(8).fill(1_024), LAYOUT)).toThrow('0..1023, not 1024');
    expect(() => packFrames(new Int16Array(8).fill(-1), LAYOUT)).toThrow('not -1');
    expect(() => unpackFrames(new Uint8Array(15), LAYOUT)).toThrow('10 bytes each');
  });

  test('are turned and turned back', () => {
    const codes = someCodes(5);
    expect(framesFirst(booksFirst(codes, 8), 8)).toEqual(codes);
    expect([...booksFirst(Int16Array.of(1, 2, 3, 4), 2)]).toEqual([1, 3, 2, 4]);
  });
});

describe('a stream of codes', () => {
  test('has a header of 48 bytes and three bytes more a record', () => {
    const bytes = written(TWO_SENTENCES);
    expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe('BKCS');
    expect(bytes.byteLength).toBe(HEADER_BYTES + 32 * 10 + 7 * 3);
  });

  test.each([1, 2, 7, 48, 49, 1_000])('says the same in pieces of %i bytes', (size) => {
    const bytes = written(TWO_SENTENCES);
    const reader = new CodesReader();
    const parts: CodesPart[] = [];
    for (let at = 0; at < bytes.byteLength; at += size) {
      // a view into something larger, as a network has it
      parts.push(...reader.add(bytes.subarray(at, at + size)));
    }
    expect(parts).toEqual(TWO_SENTENCES);
    expect(reader.header).toEqual({ ...LAYOUT, rampSamples: rampSamples(24_000) });
    expect(reader.hasEnded).toBe(true);
  });

  test('may be kept alive at any time, and says no more for it', () => {
    const encoder = codesEncoder(LAYOUT);
    const bytes = [
      encoder.begin(),
      encoder.keepAlive(),
      ...TWO_SENTENCES.flatMap((part) => [encoder.write(part), encoder.keepAlive()]),
      encoder.end(),
    ];
    expect(new CodesReader().add(joinBytes(bytes))).toEqual(TWO_SENTENCES);
  });

  test('of a very long block is several records', () => {
    const parts = new CodesReader().add(
      written([{ kind: 'sentence' }, { kind: 'frames', codes: someCodes(70_000) }]),
    );
    expect(parts.map((part) => (part.kind === 'frames' ? part.codes.length / 8 : 0))).toEqual([
      0, 65_535, 4_465,
    ]);
  });

  test('of another kind or version is refused', () => {
    const bytes = written(TWO_SENTENCES);
    const changed = (at: number, value: number): Uint8Array => {
      const copy = bytes.slice();
      copy[at] = value;
      return copy;
    };
    expect(() => new CodesReader().add(changed(0, 0))).toThrow('BKCS');
    expect(() => new CodesReader().add(changed(4, 2))).toThrow('version 2');
    expect(() => new CodesReader().add(changed(6, 16))).toThrow('no codec has');
    expect(() => new CodesReader().add(changed(HEADER_BYTES, 9))).toThrow('kind 9');
    expect(() => new CodesReader().add(joinBytes([bytes, bytes]))).toThrow('after their end');
  });
});

/** A decoder whose samples tell which frame they are of, how many chunks there were, and in which utterance. */
function countingCodec(): CodecModel & { readonly chunks: number[][] } {
  const chunks: number[][] = [];
  return {
    chunks,
    hopSamples: 320,
    firstChunkFrames: 7,
    open() {
      const mine: number[] = [];
      chunks.push(mine);
      return {
        decode: async (codes) => {
          const frames = codes.length / 8;
          mine.push(frames);
          return waveform(
            Float32Array.from(
              { length: frames * 320 },
              (_, i) => (codes[Math.floor(i / 320)] ?? 0) / 500,
            ),
          );
        },
        close: () => undefined,
      };
    },
  };
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

async function heard(bytes: Uint8Array, size: number, codec = countingCodec()): Promise<number[]> {
  const { signal } = new AbortController();
  const samples: number[] = [];
  for await (const sound of codesSound(inPieces(bytes, size), async () => codec, signal)) {
    expect(sound.rate).toBe(24_000);
    samples.push(...sound.samples);
  }
  return samples;
}

describe('codes as sound', () => {
  test('begin the decoder anew with each sentence, a first chunk of 7 frames at least', async () => {
    const codec = countingCodec();
    const samples = await heard(written(TWO_SENTENCES), 1_000, codec);
    expect(codec.chunks).toEqual([[15, 8], [9]]);
    expect(samples).toHaveLength(32 * 320 + 6_000);
    expect(samples.slice(23 * 320, 23 * 320 + 6_000).every((sample) => sample === 0)).toBe(true);
  });

  test('are the same samples however the bytes come', async () => {
    const bytes = written(TWO_SENTENCES);
    const whole = await heard(bytes, bytes.byteLength);
    for (const size of [1, 13, 100]) expect(await heard(bytes, size)).toEqual(whole);
  });

  test('rise from silence and fall to it, and stay within full scale', async () => {
    const samples = await heard(written(TWO_SENTENCES), 500);
    const ramp = rampSamples(24_000);
    for (const at of [0, 23 * 320 - 1, 23 * 320 + 6_000, samples.length - 1]) {
      expect(Math.abs(samples[at] ?? 1)).toBeLessThan(0.001);
    }
    // in the second frame: after the ramp a sample is what the decoder made of it
    const [second = 0] = someCodes(3).subarray(8);
    expect(samples[ramp + 320]).toBeCloseTo(Math.min(1, second / 500), 6);
    expect(Math.max(...samples)).toBe(1);
  });

  test('that break off are told, after what was heard', async () => {
    const bytes = written(TWO_SENTENCES);
    await expect(heard(bytes.subarray(0, -3), 100)).rejects.toThrow('broke off');
    await expect(heard(bytes.subarray(0, 10), 100)).rejects.toThrow('broke off');
  });

  test('ask for their decoder as soon as they have named it', async () => {
    const opened = Promise.withResolvers<string>();
    const bytes = new TransformStream<Uint8Array, Uint8Array>();
    const sound = codesSound(
      bytes.readable,
      async ({ decoder }) => {
        opened.resolve(decoder);
        return countingCodec();
      },
      new AbortController().signal,
    );
    const first = sound.next();
    const writer = bytes.writable.getWriter();
    await writer.write(codesEncoder(LAYOUT).begin());
    expect(await opened.promise).toBe(LAYOUT.decoder);
    await writer.write(written(TWO_SENTENCES).subarray(HEADER_BYTES));
    expect((await first).done).toBe(false);
    await sound.return();
  });
});
