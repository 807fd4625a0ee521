/** Requests that run side by side on the embedded checkpoint: what each says is what it says alone. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { textTokens } from '#shared/bark/shapes.ts';
import type { LatencyMode } from '#shared/bark/options.ts';
import {
  DrivenSpeeches,
  openTiny,
  type Generation,
  type Outcome,
} from '../../tests/support/driven-speeches.ts';
import { systemClock } from '../clock.ts';
import { NativeBinding } from '../models/ort-api/native-session.ts';
import type { LoadedModels } from '../models/bark-models.ts';
import { philoxRandomness } from '../pipeline/randomness.ts';
import type { SpeechRequest } from '../pipeline/synthesizer.ts';

const STREAMED: readonly LatencyMode[] = ['balanced', 'fast'];
const MOST_TOKENS = 40;

/** Whole numbers below a bound, always the same. */
function dice(seed: number): (below: number) => number {
  const draw = philoxRandomness(seed)('semantic', 0);
  let step = 0;
  return (below) => {
    step += 1;
    return Math.floor(below * draw(step));
  };
}

function randomRequest(roll: (below: number) => number, generation: Generation): SpeechRequest {
  const tokens = 5 + roll(MOST_TOKENS - 5);
  const ids = Int32Array.from({ length: 2 + roll(20) }, () => roll(100));
  const frames = 5 + roll(20);
  const codes = (books: number): Uint16Array =>
    Uint16Array.from({ length: books * frames }, () => roll(generation.codebookSize));
  const { semanticVocabularySize } = generation.semantic;
  const voice = {
    semanticPrompt: Uint16Array.from({ length: 4 + roll(30) }, () => roll(semanticVocabularySize)),
    coarsePrompt: codes(2),
    finePrompt: codes(8),
  };
  return {
    text: textTokens(ids),
    voice: roll(2) === 0 ? null : voice,
    options: {
      semantic: { minNewTokens: tokens, maxNewTokens: tokens, temperature: 0.5 + roll(10) / 10 },
      coarse: { temperature: 0.5 + roll(10) / 10 },
    },
    latency: STREAMED[roll(STREAMED.length)] ?? 'balanced',
    seed: roll(1_000_000),
    row: roll(4),
  };
}

async function turnsOfTheLoop(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe.each([
  ['fp32', 1],
  ['int8', 2],
] as const)('eight random requests in %s', (precision, disorder) => {
  let models: LoadedModels;
  let generation: Generation;
  let requests: SpeechRequest[];
  let alone: Outcome[];
  let runsAlone: number;

  beforeAll(async () => {
    ({ models, generation } = await openTiny({ precision }));
    const roll = dice(8);
    requests = Array.from({ length: 8 }, (_, i) => ({
      ...randomRequest(roll, generation),
      ...(i === 0 ? { latency: 'exact' as const } : {}),
    }));
    const runs = vi.spyOn(NativeBinding.prototype, 'run');
    const speeches = new DrivenSpeeches(models, generation, systemClock);
    alone = [];
    for (const request of requests) alone.push(await speeches.speak(request));
    runsAlone = runs.mock.calls.length;
    runs.mockRestore();
  });
  afterAll(() => models.release());

  test('say the same together, sample for sample, and are computed in far fewer runs', async () => {
    const runs = vi.spyOn(NativeBinding.prototype, 'run');
    const speeches = new DrivenSpeeches(models, generation, systemClock);
    const together = await Promise.all(requests.map((request) => speeches.speak(request)));
    const runsTogether = runs.mock.calls.length;
    runs.mockRestore();
    expect(together.map(({ samples }) => samples)).toEqual(alone.map(({ samples }) => samples));
    expect(alone.every(({ samples }) => samples.length > 0)).toBe(true);
    expect(runsTogether).toBeLessThan(runsAlone / 3);
  });

  test('say the same where each is computed by itself, in as many runs as alone', async () => {
    const { models: unbatched } = await openTiny({ precision, rows: 1 });
    const runs = vi.spyOn(NativeBinding.prototype, 'run');
    const speeches = new DrivenSpeeches(unbatched, generation, systemClock);
    const together = await Promise.all(requests.map((request) => speeches.speak(request)));
    const runsTogether = runs.mock.calls.length;
    runs.mockRestore();
    await unbatched.release();
    expect(together.map(({ samples }) => samples)).toEqual(alone.map(({ samples }) => samples));
    expect(runsTogether).toBe(runsAlone);
  });

  test('say the same when they come one after another and others are cancelled among them', async () => {
    const roll = dice(disorder);
    const speeches = new DrivenSpeeches(models, generation, systemClock);
    const running: Promise<Outcome>[] = [];
    const cancelled: Promise<Outcome>[] = [];
    for (const request of requests) {
      await turnsOfTheLoop(roll(25));
      running.push(speeches.speak(request));
      const at = 1 + roll(40);
      const stage = (['semantic', 'coarse'] as const)[roll(2)];
      const disturber = randomRequest(roll, generation);
      cancelled.push(speeches.speak(disturber, (where, step) => where === stage && step >= at));
    }
    const outcomes = await Promise.all(running);
    expect(outcomes.map(({ samples }) => samples)).toEqual(alone.map(({ samples }) => samples));
    const faults = (await Promise.all(cancelled)).map(({ fault }) => fault);
    expect(faults).toContain('cancelled');
  });
});
