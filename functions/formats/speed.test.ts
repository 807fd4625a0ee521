import { describe, expect, test } from 'vitest';
import { speechSound } from '../../tests/workers/speech-sound.ts';
import { loadAudioLibrary } from '../../tests/workers/audio-libraries.ts';
import { speedChangers } from './speed.ts';

const RATE = 24_000;
const changers = speedChangers(await loadAudioLibrary('sonic'));

function changed(samples: Int16Array, speed: number, pieceSamples = samples.length): Int16Array {
  const changer = changers(RATE, speed);
  const pieces: Int16Array[] = [];
  for (let at = 0; at < samples.length; at += pieceSamples) {
    pieces.push(changer.write(samples.slice(at, at + pieceSamples)));
  }
  pieces.push(changer.end());
  changer.close();
  changer.close();
  return Int16Array.from(pieces.flatMap((piece) => [...piece]));
}

/** A steady voice: twelve harmonics of a pitch in Hz. */
function vowel(pitch: number, seconds: number): Int16Array {
  return Int16Array.from({ length: seconds * RATE }, (_, i) => {
    let sum = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic += 1) {
      sum += Math.sin((2 * Math.PI * harmonic * pitch * i) / RATE + harmonic) / harmonic;
    }
    return Math.round(5_000 * sum);
  });
}

/** In Hz, the best of the lags near what is expected, between samples. */
function pitchOf(samples: Int16Array, expected: number): number {
  const begin = samples.length >> 2;
  const likeness = (lag: number): number => {
    let sum = 0;
    for (let i = begin; i < begin + 8_000; i += 1)
      sum += (samples[i] ?? 0) * (samples[i + lag] ?? 0);
    return sum;
  };
  const around = Math.round(RATE / expected);
  const lags = Array.from({ length: 41 }, (_, i) => around - 20 + i);
  const [best = around] = lags.toSorted((a, b) => likeness(b) - likeness(a));
  const [before, at, after] = [likeness(best - 1), likeness(best), likeness(best + 1)];
  return RATE / (best + (before - after) / (2 * (before - 2 * at + after)));
}

/** The largest bend of a curve, which a click would be. */
function sharpest(samples: Int16Array): number {
  let most = 0;
  for (let i = 1; i < samples.length - 1; i += 1) {
    const bend = (samples[i - 1] ?? 0) - 2 * (samples[i] ?? 0) + (samples[i + 1] ?? 0);
    most = Math.max(most, Math.abs(bend));
  }
  return most;
}

describe.each([0.25, 0.5, 0.8, 1.25, 2, 4])('at %f times the speed', (speed) => {
  const speech = speechSound({ sampleRate: RATE, seconds: 6 });

  test('a text lasts as long as it should, within 1 %', () => {
    const seconds = changed(speech, speed).length / RATE;
    expect(Math.abs((seconds * speed) / 6 - 1)).toBeLessThan(0.01);
  });

  test.each([85, 130, 220])(
    'a voice of %i Hz keeps its pitch within 1 %, without a click',
    (pitch) => {
      const spoken = vowel(pitch, 2.5 * Math.max(1, speed));
      const heard = changed(spoken, speed);
      expect(Math.abs(pitchOf(heard, pitch) / pitch - 1)).toBeLessThan(0.01);
      // a vowel that breaks off is a click by itself: the last 125 ms are left out
      expect(sharpest(heard.subarray(0, -3_000)) / sharpest(spoken)).toBeLessThan(1.2);
    },
  );

  test('any split is the same', () => {
    const whole = changed(speech, speed);
    for (const pieceSamples of [7, 480, 12_345]) {
      const split = changed(speech, speed, pieceSamples);
      expect(split.length).toBe(whole.length);
      expect(split.every((sample, i) => sample === whole[i])).toBe(true);
    }
  });
});

test('what is heard comes while it is spoken', () => {
  const changer = changers(RATE, 0.8);
  const heard = changer.write(vowel(120, 0.2));
  expect(heard.length / RATE).toBeGreaterThan(0.1);
  changer.close();
});
