import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Progress } from './progress.ts';
import { formatTable } from './table.ts';
import { formatBytes, formatClock, formatCount } from './units.ts';

function progressOn(isErrTerminal: boolean, columns = 90) {
  const seen = { text: '', nowMs: 0 };
  const progress = new Progress({
    out: async () => {},
    err: (text) => void (seen.text += text),
    stdin: Readable.from([]),
    isStdinTerminal: false,
    isErrTerminal,
    columns: () => columns,
    environment: {},
    signal: new AbortController().signal,
    now: () => seen.nowMs,
  });
  return { progress, seen };
}

describe('progress', () => {
  test('is one line on a terminal, rewritten, never wider than it, and gone at the end', () => {
    const { progress, seen } = progressOn(true);
    for (let i = 0; i <= 100; i += 1) {
      seen.nowMs = i * 50;
      progress.bytes('downloading', i * 1e7, 1e9);
    }
    progress.note('done');
    const frames = seen.text.split('\r\u001b[2K');
    expect(frames).toHaveLength(53);
    expect(frames[26]).toMatch(/^downloading \[=+ +\] +50 % {2}500 MB of 1\.00 GB {2}200/);
    expect(Math.max(...frames.map(({ length }) => length))).toBeLessThan(90);
    expect(frames.at(-1)).toBe('done\n');
  });

  test('is a plain line now and then elsewhere', () => {
    const { progress, seen } = progressOn(false);
    for (let i = 0; i <= 100; i += 1) {
      seen.nowMs = i * 250;
      progress.bytes('downloading', i * 1e7, 1e9);
      progress.status('sentence 1');
    }
    expect(seen.text).toBe(
      'downloading  40 %  400 MB of 1.00 GB  40.0 MB/s  0:15 left\n' +
        'downloading  80 %  800 MB of 1.00 GB  40.0 MB/s  0:05 left\n',
    );
  });

  test('does not count as speed what was there before', () => {
    const { progress, seen } = progressOn(true);
    progress.bytes('downloading', 5e8, 1e9);
    seen.nowMs = 1_000;
    progress.bytes('downloading', 5.1e8, 1e9);
    expect(seen.text).toContain('10.0 MB/s');
    // found on the disk, not fetched
    seen.nowMs = 2_000;
    progress.bytes('downloading', 9e8, 1e9, 5.2e8);
    expect(seen.text).not.toMatch(/[1-9]\d\d MB\/s/);
  });

  test.each([
    [72, /^downloading \[=+ +\] .* left$/],
    [58, /^downloading {2}50 % .* left$/],
  ])('on %i columns gives the bar what room there is', (columns, line) => {
    const { progress, seen } = progressOn(true, columns);
    progress.bytes('downloading', 0, 1e9);
    seen.nowMs = 1_000;
    progress.bytes('downloading', 5e8, 1e9);
    const last = seen.text.split('\r\u001b[2K').at(-1) ?? '';
    expect(last).toMatch(line);
    expect(last.length).toBeLessThan(columns);
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_500, '1.50 kB'],
  [999_600, '1.00 MB'],
  [1_676_663_913, '1.68 GB'],
  [45_600_000, '45.6 MB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('seconds and counts are written for people', () => {
  expect([formatClock(42.4), formatClock(3_723), formatCount(1_234_567)]).toEqual([
    '0:42',
    '1:02:03',
    '1 234 567',
  ]);
});

test('a table puts numbers to the right', () => {
  expect(
    formatTable(
      ['name', 'n'],
      [
        ['a', 5],
        ['bcdef', '1 000'],
      ],
    ),
  ).toBe('name       n\na          5\nbcdef  1 000\n');
});
