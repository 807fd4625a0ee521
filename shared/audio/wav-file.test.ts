import { describe, expect, test } from 'vitest';
import { WavFileError, readWav } from './wav-file.ts';
import { wavHeader } from './wav.ts';

interface Chunk {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the file claims instead of its length. */
  readonly size?: number;
  /** No byte of padding behind an odd length. */
  readonly unpadded?: boolean;
}

function riff(
  chunks: readonly Chunk[],
  { container = 'RIFF', size = -1 } = {},
): Uint8Array<ArrayBuffer> {
  const body = chunks.flatMap(({ name, bytes, size: claimed = bytes.length, unpadded = false }) => [
    ...ascii(name),
    ...u32(claimed),
    ...bytes,
    ...(bytes.length % 2 === 1 && !unpadded ? [0] : []),
  ]);
  const claimed = size === -1 ? body.length + 4 : size;
  return Uint8Array.from([...ascii(container), ...u32(claimed), ...ascii('WAVE'), ...body]);
}

interface FormatFields {
  readonly tag?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly bits?: number;
  readonly blockAlign?: number;
}

function fmt({
  tag = 1,
  channels = 1,
  sampleRate = 24_000,
  bits = 16,
  blockAlign,
}: FormatFields = {}): Chunk {
  const align = blockAlign ?? (channels * bits) / 8;
  const bytes = [
    ...u16(tag),
    ...u16(channels),
    ...u32(sampleRate),
    ...u32(0),
    ...u16(align),
    ...u16(bits),
  ];
  return { name: 'fmt ', bytes: Uint8Array.from(bytes) };
}

/** WAVE_FORMAT_EXTENSIBLE around a format tag. */
function extensible(fields: FormatFields, tail = SUBTYPE_TAIL): Chunk {
  const { bytes } = fmt({ ...fields, tag: 0xfffe });
  const bits = fields.bits ?? 16;
  const more = [...u16(22), ...u16(bits), ...u32(0), ...u16(fields.tag ?? 1), ...tail];
  return { name: 'fmt ', bytes: Uint8Array.from([...bytes, ...more]) };
}

const SUBTYPE_TAIL = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

const data = (bytes: ArrayBufferView, fields: Partial<Chunk> = {}): Chunk => ({
  name: 'data',
  bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  ...fields,
});
const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));
const u16 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];

const SAMPLES = Int16Array.of(0, 16_384, -32_768, 32_767, -1);
const AS_FLOATS = [0, 0.5, -1, 32_767 / 32_768, -1 / 32_768];
const samplesOf = (file: Uint8Array): number[] => Array.from(readWav(file).samples);

describe('samples', () => {
  test.each([
    ['8 bits', fmt({ bits: 8 }), Uint8Array.of(128, 192, 0, 255), [0, 0.5, -1, 127 / 128]],
    ['16 bits', fmt(), SAMPLES, AS_FLOATS],
    [
      '24 bits',
      fmt({ bits: 24 }),
      Uint8Array.of(0, 0, 0, 0, 0, 0x40, 0, 0, 0x80, 0xff, 0xff, 0xff),
      [0, 0.5, -1, -1 / 2 ** 23],
    ],
    ['32 bits', fmt({ bits: 32 }), Int32Array.of(0, 2 ** 30, -(2 ** 31)), [0, 0.5, -1]],
    ['float32', fmt({ tag: 3, bits: 32 }), Float32Array.of(0, 0.5, -1, 1.25), [0, 0.5, -1, 1.25]],
    ['float64', fmt({ tag: 3, bits: 64 }), Float64Array.of(0, 0.5, -1, 1.25), [0, 0.5, -1, 1.25]],
    ['extensible PCM', extensible({ bits: 16 }), SAMPLES, AS_FLOATS],
    ['extensible floats', extensible({ tag: 3, bits: 32 }), Float32Array.of(0.25), [0.25]],
  ])('of %s are read', (_, format, bytes, expected) => {
    expect(samplesOf(riff([format, data(bytes)]))).toEqual(expected);
  });

  test.each([1, 2, 3, 7])('of %i channels are averaged', (channels) => {
    const frames = Int16Array.from({ length: 3 * channels }, (_, i) => i * 100);
    const { samples, channels: told } = readWav(riff([fmt({ channels }), data(frames)]));
    const mean = (frame: number): number => (frame * channels + (channels - 1) / 2) * 100;
    expect(Array.from(samples)).toEqual([0, 1, 2].map((f) => Math.fround(mean(f) / 32_768)));
    expect(told).toBe(channels);
  });

  test('carry their rate', () => {
    expect(readWav(riff([fmt({ sampleRate: 44_100 }), data(SAMPLES)])).sampleRate).toBe(44_100);
  });

  test('what this project writes is read again', () => {
    const header = wavHeader(24_000, SAMPLES.length);
    const bytes = new Uint8Array(SAMPLES.buffer);
    expect(samplesOf(Uint8Array.from([...header, ...bytes]))).toEqual(AS_FLOATS);
    const stream = Uint8Array.from([...wavHeader(24_000, null), ...bytes]);
    expect(samplesOf(stream)).toEqual(AS_FLOATS);
  });

  test('are read from a view into a larger buffer, at any alignment', () => {
    const file = riff([fmt(), data(SAMPLES)]);
    for (let before = 0; before < 9; before += 1) {
      const buffer = new Uint8Array(before + file.length + 13).fill(0xee);
      buffer.set(file, before);
      expect(samplesOf(buffer.subarray(before, before + file.length))).toEqual(AS_FLOATS);
    }
  });
});

describe('sizes are claims', () => {
  test.each([
    ['unknown, as of a stream', data(SAMPLES, { size: 0xffff_ffff })],
    ['longer than the file', data(SAMPLES, { size: 1_000_000 })],
    ['one byte too long', data(SAMPLES, { size: 11 })],
  ])('a data size that is %s reads to the end', (_, chunk) => {
    expect(samplesOf(riff([fmt(), chunk]))).toEqual(AS_FLOATS);
  });

  test.each([0, 36])('an interrupted recording (container %i, data 0) reads to the end', (size) => {
    expect(samplesOf(riff([fmt(), data(SAMPLES, { size: 0 })], { size }))).toEqual(AS_FLOATS);
  });

  test('a file that ends inside a frame gives the whole frames', () => {
    const file = riff([fmt({ channels: 2 }), data(SAMPLES, { size: 100 })]);
    expect(readWav(file).samples.length).toBe(2);
  });

  test('what follows the samples is not read as samples', () => {
    const list = { name: 'LIST', bytes: Uint8Array.of(1, 2, 3, 4) };
    expect(samplesOf(riff([fmt(), data(SAMPLES), list]))).toEqual(AS_FLOATS);
  });

  test('in RF64 the size stands in ds64', () => {
    const ds64 = {
      name: 'ds64',
      bytes: Uint8Array.from([...u32(0), ...u32(0), ...u32(10), ...Array<number>(16).fill(0)]),
    };
    const list = { name: 'LIST', bytes: Uint8Array.of(1, 2, 3, 4) };
    const chunks = [ds64, fmt(), data(SAMPLES, { size: 0xffff_ffff }), list];
    expect(samplesOf(riff(chunks, { container: 'RF64' }))).toEqual(AS_FLOATS);
  });
});

describe('other chunks', () => {
  const odd = { name: 'LIST', bytes: Uint8Array.of(1, 2, 3) };

  test('are passed over, with their padding or without', () => {
    expect(samplesOf(riff([odd, fmt(), odd, data(SAMPLES)]))).toEqual(AS_FLOATS);
    const forgotten = { ...odd, unpadded: true };
    expect(samplesOf(riff([forgotten, fmt(), forgotten, data(SAMPLES)]))).toEqual(AS_FLOATS);
  });

  test('may be thousands', () => {
    const many = Array.from({ length: 5_000 }, () => odd);
    expect(samplesOf(riff([...many, fmt(), data(SAMPLES)]))).toEqual(AS_FLOATS);
  });
});

describe('the fault and what helps are named', () => {
  const nan = Float32Array.of(0, Number.NaN);
  test.each([
    ['nothing', new Uint8Array(0), 'no WAV file'],
    ['another file', new TextEncoder().encode('OggS and so on and on'), 'no WAV file'],
    ['big endian', riff([fmt(), data(SAMPLES)], { container: 'RIFX' }), 'RIFX'],
    ['no samples', riff([fmt()]), 'no chunk named data'],
    ['empty samples', riff([fmt(), data(new Uint8Array(0)), data(SAMPLES)]), 'no samples'],
    ['half a frame', riff([fmt(), data(Uint8Array.of(1))]), 'no samples'],
    ['no format', riff([data(SAMPLES)]), 'before their format'],
    ['two formats', riff([fmt(), fmt(), data(SAMPLES)]), 'twice'],
    ['a short format', riff([{ name: 'fmt ', bytes: new Uint8Array(14) }]), '14 bytes'],
    ['a format beyond the file', riff([{ ...fmt(), size: 4_000_000_000 }]), 'ends inside'],
    [
      'mu-law',
      riff([fmt({ tag: 7, bits: 8 }), data(SAMPLES)]),
      'mu-law, which is not read; convert',
    ],
    ['something unknown', riff([fmt({ tag: 0x1234 }), data(SAMPLES)]), '0x1234'],
    ['12 bits', riff([fmt({ bits: 12 }), data(SAMPLES)]), 'PCM of 12 bits'],
    ['half floats', riff([fmt({ tag: 3, bits: 16 }), data(SAMPLES)]), 'floats of 16 bits'],
    ['no channels', riff([fmt({ channels: 0 }), data(SAMPLES)]), '0 channels'],
    ['rate 0', riff([fmt({ sampleRate: 0 }), data(SAMPLES)]), '0 samples a second'],
    ['rate 4 GHz', riff([fmt({ sampleRate: 4e9 }), data(SAMPLES)]), '4000000000 samples a second'],
    ['a false frame size', riff([fmt({ blockAlign: 1 }), data(SAMPLES)]), 'it should be 2'],
    ['an own GUID', riff([extensible({}, Array<number>(14).fill(9)), data(SAMPLES)]), 'extensible'],
    ['a short extensible', riff([fmt({ tag: 0xfffe }), data(SAMPLES)]), 'extensible'],
    ['no number', riff([fmt({ tag: 3, bits: 32 }), data(nan)]), 'Sample 1 of the recording is NaN'],
    ['a huge float64', riff([fmt({ tag: 3, bits: 64 }), data(Float64Array.of(1e300))]), 'Infinity'],
  ])('%s', (_, file, message) => {
    expect(() => readWav(file)).toThrow(WavFileError);
    expect(() => readWav(file)).toThrow(message);
  });

  test('a recording that is too long is refused before it is read', () => {
    const file = riff([fmt({ sampleRate: 8_000 }), data(new Int16Array(8_001))]);
    expect(() => readWav(file, { maxSeconds: 1 })).toThrow('lasts 1.0 s; at most 1 s are read');
    expect(readWav(file, { maxSeconds: 2 }).samples.length).toBe(8_001);
  });
});

describe('damaged files', () => {
  /** Seeded integers below a bound (xorshift32). */
  function integers(seed: number): (below: number) => number {
    let state = (Math.imul(seed + 1, 0x9e37_79b1) | 1) >>> 0;
    return (below) => {
      state ^= state << 13;
      state ^= state >>> 17;
      state = (state ^ (state << 5)) >>> 0;
      return state % below;
    };
  }

  function damaged(file: Uint8Array, seed: number): Uint8Array<ArrayBuffer> {
    const random = integers(seed);
    let bytes = Uint8Array.from(file);
    for (let faults = 1 + random(4); faults > 0; faults -= 1) {
      const at = random(bytes.length + 1);
      const kind = random(4);
      if (kind === 0) bytes = bytes.slice(0, at);
      else if (kind === 1)
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at >> 1)]);
      else if (kind === 2) bytes.fill(0xff, at, at + 1 + random(8));
      else bytes[at] = random(256);
    }
    return bytes;
  }

  const files = [
    riff([fmt(), data(SAMPLES)]),
    riff([
      extensible({ channels: 2 }),
      { name: 'LIST', bytes: Uint8Array.of(1, 2, 3) },
      data(SAMPLES),
    ]),
    riff([fmt({ tag: 3, bits: 32 }), data(Float32Array.of(0.5, 0.25))]),
    riff([fmt({ bits: 24, channels: 1 }), data(new Uint8Array(30))]),
  ];

  test.each(files.map((file, i) => [i, file] as const))(
    'file %i is read or refused by name, 500 times',
    (_, file) => {
      for (let seed = 0; seed < 500; seed += 1) {
        const bytes = damaged(file, seed);
        try {
          const { samples } = readWav(bytes);
          expect(samples.length).toBeLessThanOrEqual(bytes.length);
          expect(samples.every((sample) => Number.isFinite(sample))).toBe(true);
        } catch (error) {
          expect(error, `seed ${seed}`).toBeInstanceOf(WavFileError);
        }
      }
    },
  );
});
