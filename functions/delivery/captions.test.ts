import { expect, test } from 'vitest';
import { subRip, webVtt } from './captions.ts';

const CUES = [
  { text: 'Is 1 < 2 & 3 > 2? --> Yes.', fromSeconds: 0, toSeconds: 1.2345 },
  { text: '  Two\n\n lines. ', fromSeconds: 3_661.25, toSeconds: 3_725 },
];

test('WebVTT escapes what would be markup, and keeps a cue on one line', () => {
  expect(webVtt(CUES)).toBe(
    'WEBVTT\n\n' +
      '00:00:00.000 --> 00:00:01.235\nIs 1 &lt; 2 &amp; 3 &gt; 2? --&gt; Yes.\n\n' +
      '01:01:01.250 --> 01:02:05.000\nTwo lines.\n',
  );
});

test('SubRip is numbered, with commas', () => {
  expect(subRip(CUES)).toBe(
    '1\n00:00:00,000 --> 00:00:01,235\nIs 1 < 2 & 3 > 2? --> Yes.\n\n' +
      '2\n01:01:01,250 --> 01:02:05,000\nTwo lines.\n',
  );
});

test('no cue is no caption', () => {
  expect([webVtt([]), subRip([])]).toEqual(['WEBVTT\n', '']);
});
