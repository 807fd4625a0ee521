import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

test('without arguments all modes, 1 to 8 streams, 8 bits', () => {
  expect(readOptions([], {})).toMatchObject({
    modes: ['exact', 'balanced', 'fast'],
    streams: [1, 2, 4, 8],
    precision: 'int8',
    rounds: 3,
    python: 'python3',
  });
  expect(readOptions([], { BENCH_PYTHON: '/opt/python' })?.python).toBe('/opt/python');
  expect(readOptions(['--help'], {})).toBeNull();
  expect(readOptions(['--device', 'webgpu'], {})?.precision).toBe('fp32');
});

test('quick takes one round and few streams, unless told otherwise', () => {
  expect(readOptions(['--quick'], {})).toMatchObject({ rounds: 1, streams: [1, 4] });
  expect(readOptions(['--quick', '--rounds', '2'], {})?.rounds).toBe(2);
});

test.each([
  [['--rounds', '0'], '--rounds must be a whole number from 1'],
  [['--streams', '2,4'], '--streams must hold 1'],
  [['--streams', '1,x'], '--streams must be a whole number'],
  [['--modes', 'exact,slow'], '--modes knows exact, balanced, fast, not slow'],
  [['--precision', 'int2'], '--precision knows fp32, fp16, int8, int4'],
  [['--nonsense'], "Unknown option '--nonsense'"],
])('%j is refused by name', (args, message) => {
  expect(() => readOptions(args, {})).toThrow(message);
});
