import { describe, expect, test } from 'vitest';
import { estimate, sentenceCosts, speechCosts, STAGES, waterfall } from './stages.ts';

const sentence = (scale: number) => ({
  row: 0,
  outcome: 'done',
  samples: 24_000,
  queue_ms: 1 * scale,
  semantic: { ms: 10 * scale, steps: 50 },
  coarse: { ms: 20 * scale, steps: 150 },
  fine: { ms: 5 * scale, steps: 2 },
  codec: { ms: 4 * scale, steps: 75 },
});

const done = {
  samples: 48_000,
  queue_ms: [1, 2],
  semantic_ms: 30,
  semantic_steps: 100,
  coarse_ms: 60,
  fine_ms: 15,
  codec_ms: 12,
};

describe('the waterfall', () => {
  test('lays stages end to end, sentence after sentence', () => {
    const { rows, totalMs } = waterfall([sentence(1), sentence(2)].map(sentenceCosts), null);
    expect(totalMs).toBe(120);
    expect(rows.map(({ stage }) => stage)).toEqual(STAGES);
    const coarse = rows.find(({ stage }) => stage === 'coarse');
    expect(coarse).toEqual({
      stage: 'coarse',
      ms: 60,
      steps: 300,
      bars: [
        { from: 11, ms: 20, isEstimate: false },
        { from: 62, ms: 40, isEstimate: false },
      ],
    });
    expect(rows.find(({ stage }) => stage === 'encode')).toMatchObject({ ms: null, bars: [] });
  });

  test('knows nothing of a sentence that was broken off', () => {
    const { totalMs, rows } = waterfall(
      [sentenceCosts({ row: 0, outcome: 'cancelled', samples: 0 })],
      null,
    );
    expect(totalMs).toBe(0);
    expect(rows.every(({ ms }) => ms === null)).toBe(true);
  });

  test('takes the end of a speech as one sentence', () => {
    const costs = speechCosts(done);
    expect(costs.queue).toEqual({ ms: 3, steps: null });
    expect(costs.semantic).toEqual({ ms: 30, steps: 100 });
    expect(waterfall([costs], null).totalMs).toBe(120);
  });

  test('marks what is guessed from the take before, and counts it nowhere', () => {
    // a second of what was two seconds
    const guess = estimate(done, 1);
    expect(guess?.coarse).toEqual({ ms: 30, steps: null });
    const { rows, totalMs } = waterfall([sentenceCosts(sentence(1))], guess);
    expect(totalMs).toBe(40 + 58.5);
    const semantic = rows.find(({ stage }) => stage === 'semantic');
    expect(semantic?.ms).toBe(10);
    expect(semantic?.bars.map(({ isEstimate }) => isEstimate)).toEqual([false, true]);
  });

  test('guesses nothing from nothing', () => {
    expect(estimate(null, 1)).toBeNull();
    expect(estimate(done, 0)).toBeNull();
    expect(estimate({ ...done, samples: 0 }, 1)).toBeNull();
  });
});
