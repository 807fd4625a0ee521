/** A request that is cancelled stops computing, whatever stage it is in, on the embedded checkpoint. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textTokens } from '#shared/bark/shapes.ts';
import type { StageName } from '#shared/protocol/messages.ts';
import { DrivenSpeeches, openTiny, type Generation } from '../../tests/support/driven-speeches.ts';
import { systemClock } from '../clock.ts';
import type { LoadedModels } from '../models/bark-models.ts';
import type { BarkModels, CausalModel } from '../pipeline/models.ts';
import type { SpeechRequest } from '../pipeline/synthesizer.ts';

const REQUEST: SpeechRequest = {
  text: textTokens(Int32Array.of(5, 6, 7)),
  voice: null,
  options: { semantic: { minNewTokens: 200, maxNewTokens: 200 } },
  latency: 'balanced',
  seed: 7,
  row: 0,
};

let models: LoadedModels;
let generation: Generation;

beforeAll(async () => {
  ({ models, generation } = await openTiny());
});
afterAll(() => models.release());

/** The same models; `onForward` is told whenever one begins to compute, `open` counts what is held. */
function watched(onForward: () => void): { models: BarkModels; held: () => number } {
  let held = 0;
  const causal = (model: CausalModel): CausalModel => ({
    vocabularySize: model.vocabularySize,
    blockSize: model.blockSize,
    open: () => {
      const sequence = model.open();
      held += 1;
      return {
        append: (parts, signal) => {
          onForward();
          return sequence.append(parts, signal);
        },
        close: () => {
          held -= 1;
          sequence.close();
        },
      };
    },
  });
  return {
    held: () => held,
    models: {
      semantic: causal(models.semantic),
      coarse: causal(models.coarse),
      fine: {
        vocabularySize: models.fine.vocabularySize,
        forward: (...call) => {
          onForward();
          return models.fine.forward(...call);
        },
      },
      codec: {
        hopSamples: models.codec.hopSamples,
        firstChunkFrames: models.codec.firstChunkFrames,
        open: () => {
          const stream = models.codec.open();
          held += 1;
          return {
            decode: (codes, signal) => {
              onForward();
              return stream.decode(codes, signal);
            },
            close: () => {
              held -= 1;
              stream.close();
            },
          };
        },
      },
    },
  };
}

describe('a cancelled request', () => {
  test.each([
    ['semantic', 1],
    ['semantic', 60],
    ['coarse', 60],
    ['coarse', 120],
    ['fine', 1],
    ['codec', 15],
    ['codec', 100],
  ] satisfies [StageName, number][])(
    'in the %s stage, at step %i, begins one forward more at most and holds nothing',
    async (stage, at) => {
      let isCancelled = false;
      let begunAfter = 0;
      const { models: watchedModels, held } = watched(() => {
        if (isCancelled) begunAfter += 1;
      });
      const speeches = new DrivenSpeeches(watchedModels, generation, systemClock);
      const outcome = await speeches.speak(
        REQUEST,
        (where, step) => where === stage && step >= at,
        () => (isCancelled = true),
      );
      expect(outcome.fault).toBe('cancelled');
      // what had begun ends, and what waited sees that it is not wanted
      for (let turn = 0; turn < 200; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(begunAfter).toBeLessThanOrEqual(1);
      expect(held()).toBe(0);
    },
  );

  test('does not disturb the one beside it', async () => {
    const speeches = new DrivenSpeeches(models, generation, systemClock);
    const alone = await speeches.speak(REQUEST);
    const [beside, cancelled] = await Promise.all([
      speeches.speak(REQUEST),
      speeches.speak({ ...REQUEST, seed: 8 }, (stage) => stage === 'coarse'),
    ]);
    expect(cancelled.fault).toBe('cancelled');
    expect(beside.samples).toEqual(alone.samples);
  });
});
