import { describe, expect, test } from 'vitest';
import { muLawEncoder } from './g711.ts';
import { joinBytes } from './join-bytes.ts';
import { RESERVE_BYTES, withReserve } from './reserve.ts';

const SAMPLES = Int16Array.from({ length: 1_000 }, (_, i) => 31 * i);

describe('an encoder with a reserve', () => {
  test('holds back the last bytes and gives one at a time', () => {
    const encoder = withReserve(muLawEncoder());
    expect(encoder.keepAlive()).toHaveLength(0);
    expect(encoder.write(SAMPLES)).toHaveLength(SAMPLES.length - RESERVE_BYTES);
    for (let i = 0; i < RESERVE_BYTES; i += 1) expect(encoder.keepAlive()).toHaveLength(1);
    expect(encoder.keepAlive()).toHaveLength(0);
  });

  test('is the same bytes in the end, however long the line was silent', () => {
    const encoder = withReserve(muLawEncoder());
    const pieces = [encoder.begin(), encoder.write(SAMPLES.subarray(0, 400))];
    for (let i = 0; i < 500; i += 1) pieces.push(encoder.keepAlive());
    pieces.push(encoder.write(SAMPLES.subarray(400)), encoder.keepAlive(), encoder.end());
    expect(joinBytes(pieces)).toEqual(muLawEncoder().write(SAMPLES));
  });
});
