import { describe, expect, test } from 'vitest';
import { muLawByte } from './g711.ts';
import { joinBytes } from './join-bytes.ts';
import { TRAINED_ALGORITHMIC_MEDIA } from './synthetic-mark.ts';
import { readWav } from './wav-file.ts';
import { streamedWavHead, wavEncoder, wavHeader } from './wav.ts';

/** The fields of a header, read by their offsets in the specification. */
function readHeader(header: Uint8Array): Record<string, string | number> {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const ascii = (at: number): string => String.fromCharCode(...header.subarray(at, at + 4));
  return {
    riff: ascii(0),
    riffSize: view.getUint32(4, true),
    wave: ascii(8),
    fmt: ascii(12),
    fmtSize: view.getUint32(16, true),
    format: view.getUint16(20, true),
    channels: view.getUint16(22, true),
    sampleRate: view.getUint32(24, true),
    bytesPerSecond: view.getUint32(28, true),
    blockAlign: view.getUint16(32, true),
    bitsPerSample: view.getUint16(34, true),
    data: ascii(36),
    dataSize: view.getUint32(40, true),
  };
}

const COMMON = {
  riff: 'RIFF',
  wave: 'WAVE',
  fmt: 'fmt ',
  fmtSize: 16,
  format: 1,
  channels: 1,
  sampleRate: 24_000,
  bytesPerSecond: 48_000,
  blockAlign: 2,
  bitsPerSample: 16,
  data: 'data',
};

describe('a WAV header', () => {
  test('of known length counts the bytes', () => {
    expect(readHeader(wavHeader(24_000, 1_000))).toEqual({
      ...COMMON,
      riffSize: 36 + 2_000,
      dataSize: 2_000,
    });
  });

  test('of unknown length says so in both sizes', () => {
    expect(readHeader(wavHeader(24_000, null))).toEqual({
      ...COMMON,
      riffSize: 0xffff_ffff,
      dataSize: 0xffff_ffff,
    });
  });
});

const SAMPLES = Int16Array.from({ length: 1_000 }, (_, i) => (i * 7_919) % 32_768);

describe('a streamed WAV', () => {
  test.each([1, 299, 1_000])(
    'is read the same, in pieces of %i with junk around them',
    (pieceSamples) => {
      const encoder = wavEncoder(24_000);
      const bytes = [encoder.begin(), encoder.keepAlive(), encoder.keepAlive()];
      for (let at = 0; at < SAMPLES.length; at += pieceSamples) {
        bytes.push(encoder.write(SAMPLES.slice(at, at + pieceSamples)), encoder.keepAlive());
      }
      bytes.push(encoder.end());
      const { samples, sampleRate } = readWav(joinBytes(bytes));
      expect(sampleRate).toBe(24_000);
      expect(samples).toEqual(Float32Array.from(SAMPLES, (sample) => sample / 32_768));
    },
  );

  test('says that no human speaks, before the first sample', () => {
    const encoder = wavEncoder(24_000);
    const head = encoder.begin();
    expect(head).toEqual(streamedWavHead(24_000));
    expect(new TextDecoder('latin1').decode(head)).toContain(TRAINED_ALGORITHMIC_MEDIA);
    expect(head.byteLength % 2).toBe(0);
    expect(new TextDecoder().decode(encoder.keepAlive())).toBe(`JUNK\x08${'\0'.repeat(11)}`);
    encoder.write(SAMPLES);
    expect(encoder.keepAlive()).toHaveLength(2);
  });
});

describe('a WAV of G.711', () => {
  test.each([
    ['mulaw', 7],
    ['alaw', 6],
  ] as const)('as %s has format tag %i, 8 bits, and says how many samples it has', (law, tag) => {
    const head = wavEncoder(8_000, law).begin();
    expect(readHeader(head)).toMatchObject({
      fmtSize: 18,
      format: tag,
      channels: 1,
      sampleRate: 8_000,
      bytesPerSecond: 8_000,
      blockAlign: 1,
      bitsPerSample: 8,
    });
    expect(new TextDecoder().decode(head.subarray(38, 42))).toBe('fact');
    expect(head.byteLength % 2).toBe(0);
  });

  test('holds the bytes of the telephone after its header, however often it is kept alive', () => {
    const encoder = wavEncoder(8_000, 'mulaw');
    const bytes = joinBytes([
      encoder.begin(),
      encoder.keepAlive(),
      encoder.write(SAMPLES),
      encoder.keepAlive(),
      encoder.end(),
    ]);
    expect(bytes.slice(-SAMPLES.length)).toEqual(Uint8Array.from(SAMPLES, muLawByte));
    const dataAt = bytes.byteLength - SAMPLES.length - 8;
    expect(new TextDecoder().decode(bytes.subarray(dataAt, dataAt + 4))).toBe('data');
  });
});
