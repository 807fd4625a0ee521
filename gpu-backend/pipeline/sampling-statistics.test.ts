/**
 * Sampling against the real transformers, in distribution: the probabilities that its processors leave for
 * scores of the small checkpoint, then how often the stages really draw each id.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod/mini';
import { textTokens } from '#shared/bark/shapes.ts';
import { readNumbers } from '../../scripts/support/npy-numbers.ts';
import { parseGenerationConfig, type GenerationConfig } from '../checkpoint/generation-config.ts';
import { generateCoarse, NO_COARSE_HISTORY } from './coarse.ts';
import { generateFine } from './fine.ts';
import type { CausalModel, FineModel } from './models.ts';
import { philoxRandomness } from './randomness.ts';
import { filteredProbabilities, type SamplingPlan } from './sampling.ts';
import { generateSemantic } from './semantic.ts';

const FIXTURE = fileURLToPath(new URL('../../tests/fixtures/sampling', import.meta.url));
const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const { signal } = new AbortController();
const SEED = 20_240_229;

const part = z.object({ offset: z.int(), length: z.int() });
const steps = z
  .array(
    z.object({
      stage: z.literal(['semantic', 'coarse', 'fine']),
      name: z.string(),
      scores: part,
      temperature: z.nullish(z.number()),
      top_k: z.nullish(z.int()),
      top_p: z.nullish(z.number()),
      min_eos_p: z.optional(z.number()),
      parity: z.optional(z.int()),
      probabilities: part,
    }),
  )
  .parse(JSON.parse(readFileSync(`${FIXTURE}/sampling.json`, 'utf8')));
type Step = (typeof steps)[number];

const generation: GenerationConfig = parseGenerationConfig(
  JSON.parse(readFileSync(`${TINY}/generation_config.json`, 'utf8')),
);
const end = generation.semantic.eosTokenId;
const firstCode = generation.semantic.semanticVocabularySize;
const secondCode = firstCode + generation.codebookSize;

let numbers: Float64Array;
beforeAll(async () => {
  numbers = await readNumbers(`${FIXTURE}/sampling.npy`);
});

function valuesOf({ offset, length }: z.infer<typeof part>): Float64Array {
  return numbers.subarray(offset, offset + length);
}

function scoresOf(step: Step): Float32Array {
  return Float32Array.from(valuesOf(step.scores));
}

function planOf({ temperature, top_k: topK, top_p: topP }: Step): SamplingPlan {
  return {
    doSample: true,
    temperature: temperature ?? 1,
    topK: topK ?? null,
    topP: topP ?? null,
  };
}

/** Which ids a step may take: from..until - 1. */
function rangeOf({ stage, parity, scores }: Step): [number, number] {
  if (stage === 'semantic') return [0, end + 1];
  if (stage === 'fine') return [0, scores.length];
  return parity === 0 ? [firstCode, secondCode] : [secondCode, scores.length];
}

describe('probabilities are those of the reference', () => {
  test.each(steps.filter((step) => step.min_eos_p === undefined))('$stage, $name', (step) => {
    const [from, until] = rangeOf(step);
    const ours = new Float64Array(step.scores.length);
    ours.set(filteredProbabilities(scoresOf(step).subarray(from, until), planOf(step)), from);
    const expected = valuesOf(step.probabilities);
    const differences = expected.map((probability, id) => Math.abs(probability - (ours[id] ?? 0)));
    expect(Math.max(...differences)).toBeLessThan(1e-6);
    // and the same ids can be drawn at all
    const kept = (values: Float64Array): number[] => [...values.keys()].filter((id) => values[id]);
    if (step.top_k !== null || step.top_p !== null) expect(kept(ours)).toEqual(kept(expected));
  });
});

/** A model that always gives the same scores. */
function sameScores(scores: Float32Array): CausalModel {
  return {
    vocabularySize: scores.length,
    blockSize: 1_024,
    open: () => ({ append: async () => Float32Array.from(scores), close: () => {} }),
  };
}

/**
 * Pearson's statistic of the counts, rare ids pooled, as standard deviations above its expectation
 * (Wilson and Hilferty's cube root makes it normal): 3.1 is met by chance once in a thousand.
 */
function deviations(counts: Float64Array, probabilities: Float64Array): number {
  const draws = counts.reduce((sum, count) => sum + count, 0);
  let statistic = 0;
  let bins = 0;
  let rare = { expected: 0, count: 0 };
  const add = (expected: number, count: number): void => {
    statistic += (count - expected) ** 2 / expected;
    bins += 1;
  };
  probabilities.forEach((probability, id) => {
    const expected = probability * draws;
    const count = counts[id] ?? 0;
    if (expected >= 5) add(expected, count);
    else rare = { expected: rare.expected + expected, count: rare.count + count };
  });
  if (rare.expected >= 5) add(rare.expected, rare.count);
  const freedom = bins - 1;
  if (freedom === 0) return 0;
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread);
}

function expectDrawn(step: Step, counts: Float64Array): void {
  const probabilities = valuesOf(step.probabilities);
  const impossible = [...counts.keys()].filter((id) => counts[id] && !probabilities[id]);
  expect(impossible).toEqual([]);
  expect(Math.abs(deviations(counts, probabilities))).toBeLessThan(3.5);
}

function optionsOf(step: Step): Omit<SamplingPlan, 'doSample'> & { doSample: true } {
  return { ...planOf(step), doSample: true };
}

/** Settings that leave something to chance, one of each kind. */
const drawn = steps.filter(({ name }) =>
  /0\.7, 'top_k': 50|0\.6|1\.3|min_eos_p|temperature 0/.test(name),
);

describe('ids are drawn as often as the reference draws them', () => {
  test.each(drawn.filter(({ stage }) => stage === 'semantic'))('semantic, $name', async (step) => {
    const model = sameScores(scoresOf(step));
    const random = philoxRandomness(SEED);
    const counts = new Float64Array(step.scores.length);
    for (let row = 0; row < 800; row += 1) {
      const stage = generateSemantic(
        model,
        generation.semantic,
        {
          text: textTokens(Int32Array.of(1)),
          history: null,
          options: { ...optionsOf(step), maxNewTokens: 1, minEosP: step.min_eos_p ?? null },
          draw: random('semantic', row),
        },
        signal,
      );
      const next = await stage.next();
      const token = next.done === true ? end : next.value;
      counts[token] = (counts[token] ?? 0) + 1;
      await stage.return(false);
    }
    expectDrawn(step, counts);
  });

  test.each(drawn.filter(({ stage, parity }) => stage === 'coarse' && parity === 0))(
    'coarse, $name',
    async (step) => {
      const model = sameScores(scoresOf(step));
      const random = philoxRandomness(SEED);
      const counts = [0, 1].map(() => new Float64Array(step.scores.length));
      const length = 900;
      for (let row = 0; row < 2; row += 1) {
        const windows = generateCoarse(
          model,
          generation,
          {
            semantic: new Int32Array(400),
            history: NO_COARSE_HISTORY,
            length,
            options: optionsOf(step),
            draw: random('coarse', row),
          },
          signal,
        );
        for await (const window of windows) {
          window.forEach((id, i) => {
            const ofBook = counts[i % 2];
            if (ofBook !== undefined) ofBook[id] = (ofBook[id] ?? 0) + 1;
          });
        }
      }
      for (const other of steps) {
        const isPair = other.stage === 'coarse' && other.name.slice(9) === step.name.slice(9);
        if (isPair) expectDrawn(other, counts[other.parity ?? 0] ?? new Float64Array(0));
      }
    },
  );

  test.each(drawn.filter(({ stage }) => stage === 'fine'))('fine, $name', async (step) => {
    const scores = scoresOf(step);
    const model: FineModel = {
      vocabularySize: scores.length,
      forward: async (window, _codebook, fromRow) => {
        const rows = window.length / generation.fine.fineCodebooks - fromRow;
        const all = new Float32Array(rows * scores.length);
        for (let row = 0; row < rows; row += 1) all.set(scores, row * scores.length);
        return all;
      },
    };
    const frames = 1_000;
    const codes = generateFine(
      model,
      generation,
      {
        coarse: new Int32Array(2 * frames).map((_, i) => (i % 2 === 0 ? firstCode : secondCode)),
        history: null,
        options: { temperature: step.temperature ?? null },
        draw: philoxRandomness(SEED)('fine', 0),
      },
      signal,
    );
    const counts = new Float64Array(scores.length);
    for await (const piece of codes) {
      const given = (piece.length / generation.fine.fineCodebooks) * 2;
      for (const code of piece.subarray(given)) counts[code] = (counts[code] ?? 0) + 1;
    }
    expectDrawn(step, counts);
  });

  test('the statistic would notice a temperature that is off by a tenth', () => {
    const step = drawn.find(({ stage, name }) => stage === 'fine' && name.includes('0.5'));
    if (step === undefined) throw new Error('The fixture has no such step.');
    const other = filteredProbabilities(scoresOf(step), { ...planOf(step), temperature: 0.55 });
    const counts = other.map((probability) => Math.round(20_000 * probability));
    expect(deviations(counts, valuesOf(step.probabilities))).toBeGreaterThan(3.5);
  });
});
