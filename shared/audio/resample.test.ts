import { describe, expect, test } from 'vitest';
import { PASS_BAND, resample, resampler } from './resample.ts';

const PAIRS: readonly (readonly [number, number])[] = [
  [48_000, 24_000],
  [44_100, 24_000],
  [16_000, 24_000],
  [8_000, 24_000],
  [24_000, 8_000],
  [24_000, 48_000],
  [24_000, 16_000],
  [22_050, 11_025],
  [96_000, 24_000],
  [24_000, 23_997],
];

function sine(frequency: number, rate: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * frequency * i) / rate));
}

/** How far `samples` are from the sine of this frequency that begins with them, away from their ends, in dB. */
function errorDb(samples: Float32Array, frequency: number, rate: number): number {
  const ideal = sine(frequency, rate, samples.length);
  return (
    20 * Math.log10(rms(middle(samples.map((sample, i) => sample - (ideal[i] ?? 0)))) * Math.SQRT2)
  );
}

/** Away from the ends, where silence begins or the filter is not full. */
function middle(samples: Float32Array): Float32Array {
  return samples.subarray(samples.length * 0.3, samples.length * 0.7);
}

function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

function noise(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function inPieces(
  samples: Float32Array,
  [from, to]: readonly [number, number],
  sizes: readonly number[],
): number[] {
  const stream = resampler(from, to);
  const output: number[] = [];
  for (let at = 0, i = 0; at < samples.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    output.push(...stream.write(samples.subarray(at, at + size)));
    at += size;
  }
  output.push(...stream.end());
  return output;
}

describe.each(PAIRS)('from %i to %i Hz', (from, to) => {
  const band = Math.min(from, to) / 2;
  const length = Math.ceil(from / 10);

  test.each([0.01, 0.25, 0.5, 0.75, 0.9])(
    'a tone at %d of the band keeps its strength, time and shape',
    (part) => {
      expect(part).toBeLessThanOrEqual(PASS_BAND);
      const output = resample(sine(part * band, from, length), from, to);
      const strengthDb =
        20 * Math.log10(rms(middle(output)) / rms(middle(sine(part * band, to, output.length))));
      expect(Math.abs(strengthDb)).toBeLessThan(0.1);
      // images of the tone, a delay and a ripple would all show here
      expect(errorDb(output, part * band, to)).toBeLessThan(-80);
    },
  );

  test('what lies beyond the band of the lower rate is gone', () => {
    const beyond = [1, 1.02, 1.1, 1.3, 1.7].map((part) => part * band);
    for (const frequency of beyond.filter((one) => one < from / 2)) {
      const output = resample(sine(frequency + 1, from, length), from, to);
      expect(20 * Math.log10(rms(middle(output)) * Math.SQRT2), `${frequency} Hz`).toBeLessThan(
        -80,
      );
    }
  });

  test('a constant stays what it is', () => {
    const output = resample(new Float32Array(length).fill(0.5), from, to);
    for (const sample of middle(output)) expect(sample).toBeCloseTo(0.5, 6);
  });

  test('there are as many samples as the time holds, of any input', () => {
    for (const inputs of [0, 1, 2, 63, 64, 65, 129, 1_000]) {
      expect(resample(new Float32Array(inputs), from, to).length).toBe(
        Math.ceil((inputs * to) / from),
      );
    }
  });

  test('any split gives the same samples', () => {
    const input = noise(1_500);
    const whole = Array.from(resample(input, from, to));
    for (const sizes of [[1], [7, 0, 300], [64], [1_499]]) {
      expect(inPieces(input, [from, to], sizes)).toEqual(whole);
    }
  });
});

test('a click stays at its time', () => {
  const click = new Float32Array(400);
  click[200] = 1;
  const output = resample(click, 16_000, 48_000);
  expect(output.indexOf(Math.max(...output))).toBe(600);
});

test('the first sample is that of the time 0, and the last is not lost', () => {
  const input = new Float32Array(500);
  input[0] = 1;
  input[499] = 1;
  const output = resample(input, 24_000, 48_000);
  expect(output[0]).toBeGreaterThan(0.9);
  expect(output[998]).toBeGreaterThan(0.9);
  expect(output.length).toBe(1_000);
});

test('samples leave as soon as the filter has what it needs', () => {
  const stream = resampler(24_000, 48_000);
  expect(stream.write(new Float32Array(64)).length).toBe(0);
  expect(stream.write(new Float32Array(1)).length).toBe(2);
  expect(stream.write(new Float32Array(1_000)).length).toBe(2_000);
});

test('the same rate is a copy that the caller owns', () => {
  const input = noise(10);
  const output = resample(input, 24_000, 24_000);
  expect(output).toEqual(input);
  expect(output.buffer).not.toBe(input.buffer);
});

test.each([
  [7_999, 24_000],
  [24_000, 96_001],
  [22_050.5, 24_000],
  [Number.NaN, 24_000],
])('%d to %d Hz is refused', (from, to) => {
  expect(() => resampler(from, to)).toThrow(RangeError);
  expect(() => resampler(from, to)).toThrow('must be an integer in 8000..96000');
});
