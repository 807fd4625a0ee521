/**
 * Who is heard when, on an engine whose every run takes a stated time on a clock of the test's own: the
 * schedule is the real one, of the embedded checkpoint, and the machine has no say in it.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { LatencyMode } from '#shared/bark/options.ts';
import { textTokens } from '#shared/bark/shapes.ts';
import {
  DrivenSpeeches,
  openTiny,
  type Generation,
  type Outcome,
} from '../../tests/support/driven-speeches.ts';
import { FakeClock } from '../../tests/support/fake-clock.ts';
import type { LoadedModels } from '../models/bark-models.ts';
import { NativeBinding } from '../models/ort-api/native-session.ts';
import type { BarkModels } from '../pipeline/models.ts';
import type { SpeechRequest } from '../pipeline/synthesizer.ts';

/** Milliseconds of one run of a causal stage, of one fine forward, of one chunk of sound. */
interface Costs {
  readonly run: number;
  readonly fine: number;
  readonly codec: number;
}

/** A sentence takes about a third of the time that it lasts. */
const FAST_MACHINE: Costs = { run: 1, fine: 5, codec: 5 };
const SLOW_MACHINE: Costs = { run: 10, fine: 200, codec: 50 };

let models: LoadedModels;
let generation: Generation;

beforeAll(async () => {
  ({ models, generation } = await openTiny());
});
afterAll(() => models.release());

/** Speaks all at once, or each when it comes; time passes in runs alone. */
async function speakAll(
  costs: Costs,
  requests: readonly { readonly request: SpeechRequest; readonly atMs?: number }[],
): Promise<Outcome[]> {
  const clock = new FakeClock();
  const timed: BarkModels = {
    ...models,
    fine: {
      vocabularySize: models.fine.vocabularySize,
      forward: async (...call) => {
        const scores = await models.fine.forward(...call);
        clock.advance(costs.fine);
        return scores;
      },
    },
    codec: {
      ...models.codec,
      open: () => {
        const stream = models.codec.open();
        return {
          decode: async (...call) => {
            const samples = await stream.decode(...call);
            clock.advance(costs.codec);
            return samples;
          },
          close: () => stream.close(),
        };
      },
    },
  };
  // oxlint-disable-next-line typescript/unbound-method -- called with its binding below
  const run = NativeBinding.prototype.run;
  const spy = vi.spyOn(NativeBinding.prototype, 'run').mockImplementation(function (
    this: NativeBinding,
    ...room
  ) {
    run.call(this, ...room);
    clock.advance(costs.run);
  });
  try {
    const speeches = new DrivenSpeeches(timed, generation, clock);
    return await Promise.all(
      requests.map(async ({ request, atMs = 0 }) => {
        if (atMs > 0) await new Promise<void>((resolve) => clock.after(atMs, resolve));
        return await speeches.speak(request);
      }),
    );
  } finally {
    spy.mockRestore();
  }
}

function sentence(latency: LatencyMode, tokens: number): SpeechRequest {
  return {
    text: textTokens(Int32Array.of(5, 6, 7)),
    voice: null,
    options: { semantic: { minNewTokens: tokens, maxNewTokens: tokens } },
    latency,
    seed: tokens,
    row: 0,
  };
}

const firstAudioMs = ({ arrivals }: Outcome): number => arrivals[0]?.atMs ?? Number.NaN;

/** How long a listener who plays in real time hears nothing after the first sound. */
function gapsMs({ arrivals }: Outcome): number {
  let endsMs = firstAudioMs({ arrivals } as Outcome);
  let gaps = 0;
  for (const { atMs, samples } of arrivals) {
    gaps += Math.max(0, atMs - endsMs);
    endsMs = Math.max(endsMs, atMs) + (1_000 * samples) / generation.sampleRate;
  }
  return gaps;
}

describe('sentences that begin together', () => {
  test('are each first heard within twice the time that four of their kind, served evenly, take', async () => {
    const kinds = [sentence('balanced', 120), sentence('exact', 40)];
    const mixed = await speakAll(
      SLOW_MACHINE,
      [...kinds, ...kinds].map((request) => ({ request })),
    );
    for (const [kind, request] of kinds.entries()) {
      const alike = Array.from({ length: 4 }, () => ({ request }));
      const even = Math.max(...(await speakAll(SLOW_MACHINE, alike)).map(firstAudioMs));
      for (const outcome of [mixed[kind], mixed[kind + kinds.length]]) {
        expect(outcome === undefined ? Number.NaN : firstAudioMs(outcome)).toBeLessThan(2 * even);
      }
    }
  });

  test('are all heard in far less time than one after another', async () => {
    const request = sentence('balanced', 120);
    const [alone] = await speakAll(SLOW_MACHINE, [{ request }]);
    const together = await speakAll(
      SLOW_MACHINE,
      Array.from({ length: 8 }, () => ({ request })),
    );
    const wholeMs = alone?.report?.totalMs ?? Number.NaN;
    const lastFirstMs = Math.max(...together.map(firstAudioMs));
    // seven whole sentences before its own first sound, were they spoken in turn
    expect(lastFirstMs).toBeLessThan((7 * wholeMs) / 2);
  });
});

describe('a sentence that comes while others are heard', () => {
  test('is heard about as soon as alone, and they hear no gap', async () => {
    const newcomer = sentence('balanced', 60);
    const [alone] = await speakAll(FAST_MACHINE, [{ request: newcomer }]);
    const heard = Array.from({ length: 3 }, (_, i) => ({
      request: sentence('balanced', 300 + i),
    }));
    const outcomes = await speakAll(FAST_MACHINE, [...heard, { request: newcomer, atMs: 900 }]);
    expect(outcomes.map(gapsMs)).toEqual([0, 0, 0, 0]);
    const waitedMs = firstAudioMs(outcomes[3] as Outcome) - 900;
    expect(waitedMs).toBeLessThan(2 * firstAudioMs(alone as Outcome));
  });
});
