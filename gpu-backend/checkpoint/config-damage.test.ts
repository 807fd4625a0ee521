/** Damaged and hostile configs: a typed error that names the file, or a config that can be used. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CheckpointError } from './checkpoint-error.ts';
import { parseConfig } from './config.ts';
import { parseGenerationConfig } from './generation-config.ts';
import { integers } from './test-support.ts';

const TINY = new URL('../../models/bark-tiny/', import.meta.url);
const ROUNDS = 600;

/** Values that a careless or hostile file may hold. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1e308,
  Number.MAX_SAFE_INTEGER,
  0.5,
  '',
  'x'.repeat(10_000),
  '__proto__',
  [],
  [[[]]],
  {},
  { constructor: { prototype: 1 } },
];

function json(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(name, TINY), 'utf8')) as Record<string, unknown>;
}

/** One or two fields, at any depth, replaced or removed; the same seed gives the same damage. */
function damaged(root: Record<string, unknown>, seed: number): unknown {
  const copy = structuredClone(root);
  const next = integers(seed);
  for (let times = 0; times < 1 + next(2); times += 1) {
    let at = copy;
    for (;;) {
      const keys = Object.keys(at);
      const key = keys[next(Math.max(1, keys.length))];
      if (key === undefined) break;
      const value = at[key];
      if (typeof value === 'object' && value !== null && !Array.isArray(value) && next(4) > 0) {
        at = value as Record<string, unknown>;
        continue;
      }
      if (next(8) === 0) delete at[key];
      else at[key] = STRANGE[next(STRANGE.length)];
      break;
    }
  }
  return copy;
}

describe.each([
  ['config.json', parseConfig],
  ['generation_config.json', parseGenerationConfig],
] as const)('%s', (name, parse) => {
  test(`${ROUNDS} damaged ones are refused by a CheckpointError that names the file, or can be used`, () => {
    const root = json(name);
    let refused = 0;
    for (let seed = 0; seed < ROUNDS; seed += 1) {
      try {
        expect(parse(damaged(root, seed), name)).toBeTypeOf('object');
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error;
        expect(error.message).toContain(name);
        expect(error.message.length).toBeLessThan(2_000);
        refused += 1;
      }
    }
    // damage to a field that nobody reads is no fault; most is
    expect(refused).toBeGreaterThan(ROUNDS / 10);
  });

  test.each([[null], [[]], ['text'], [7]])('%j is refused', (value) => {
    expect(() => parse(value, name)).toThrow(CheckpointError);
  });
});
