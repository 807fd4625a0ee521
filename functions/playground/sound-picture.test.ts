import { describe, expect, test } from 'vitest';
import { BANDS, COLUMNS_PER_SECOND, SoundPicture } from './sound-picture.ts';

const RATE = 24_000;

function sine(hertz: number, amplitude: number, seconds: number): Float32Array {
  return Float32Array.from(
    { length: RATE * seconds },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hertz * i) / RATE),
  );
}

/** O'Shaughnessy's mel scale, for the band that a frequency belongs to. */
const mel = (hertz: number): number => 2_595 * Math.log10(1 + hertz / 700);
const bandOf = (hertz: number): number => Math.floor((BANDS * mel(hertz)) / mel(RATE / 2));

describe('the picture of a sound', () => {
  test('has the outline of it', () => {
    const picture = new SoundPicture(RATE);
    picture.add(sine(440, 0.5, 1));
    expect(picture.duration).toBe(1);
    expect(picture.outline).toHaveLength(2 * COLUMNS_PER_SECOND);
    expect(Math.min(...picture.outline)).toBeCloseTo(-0.5, 2);
    expect(Math.max(...picture.outline)).toBeCloseTo(0.5, 2);
  });

  test.each([200, 1_000, 4_000, 10_000])('is brightest where %i Hz are', (hertz) => {
    const picture = new SoundPicture(RATE);
    picture.add(sine(hertz, 0.5, 0.5));
    const column = [...(picture.columns[40] ?? [])];
    expect(column).toHaveLength(BANDS);
    const brightest = column.indexOf(Math.max(...column));
    expect(Math.abs(brightest - bandOf(hertz))).toBeLessThanOrEqual(1);
  });

  test('of full scale is white, of silence black', () => {
    const loud = new SoundPicture(RATE);
    loud.add(sine(1_000, 1, 0.5));
    expect(Math.max(...(loud.columns[40] ?? []))).toBeGreaterThan(245);
    const silent = new SoundPicture(RATE);
    silent.add(new Float32Array(RATE / 2));
    expect(Math.max(...(silent.columns[40] ?? []))).toBe(0);
  });

  test('is the same however the samples are split', () => {
    const samples = sine(777, 0.3, 0.3);
    const whole = new SoundPicture(RATE);
    whole.add(samples);
    const split = new SoundPicture(RATE);
    for (let at = 0; at < samples.length; at += 331) split.add(samples.subarray(at, at + 331));
    expect(split.outline).toEqual(whole.outline);
    expect(split.columns).toEqual(whole.columns);
  });
});
