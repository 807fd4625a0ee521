/** The path itself, on models made of thin air: order, cancellation, empty sentences, repeatability. */
import { describe, expect, test } from 'vitest';
import { textTokens, waveform } from '#shared/bark/shapes.ts';
import { parseGenerationConfig } from '../checkpoint/generation-config.ts';
import type { BarkModels, CausalModel } from './models.ts';
import { philoxRandomness } from './randomness.ts';
import { synthesize } from './synthesize.ts';
import type { SpeechEvent, SpeechRequest } from './synthesizer.ts';

const generation = parseGenerationConfig({
  semantic_config: { do_sample: true, temperature: 0.7 },
  coarse_acoustics_config: { do_sample: true, temperature: 0.7 },
  fine_acoustics_config: { temperature: 0.5 },
});
const END = 10_000;
const REQUEST: SpeechRequest = {
  text: textTokens(Int32Array.of(5, 6, 7)),
  voice: null,
  options: {},
  latency: 'exact',
  seed: 7,
  row: 0,
};

/** Models that note what they are asked; the semantic one ends after `spoken` tokens. */
function thinAir(spoken: number): { models: BarkModels; trace: string[] } {
  const trace: string[] = [];
  const causal = (
    name: string,
    vocabularySize: number,
    score: (step: number, scores: Float32Array) => void,
  ): CausalModel => ({
    vocabularySize,
    blockSize: 1_024,
    open() {
      let step = 0;
      trace.push(`${name} opens`);
      return {
        async append(_parts, signal) {
          signal.throwIfAborted();
          const scores = new Float32Array(vocabularySize);
          score(step, scores);
          step += 1;
          return scores;
        },
        close: () => trace.push(`${name} closes`),
      };
    },
  });
  const models: BarkModels = {
    semantic: causal('semantic', 10_048, (step, scores) => {
      scores[step === spoken ? END : step] = 100;
    }),
    coarse: causal('coarse', 12_096, () => {}),
    fine: {
      vocabularySize: 1_056,
      async forward(_window, codebook, fromRow, signal) {
        signal.throwIfAborted();
        trace.push(`fine ${codebook}`);
        return new Float32Array((1_024 - fromRow) * 1_056);
      },
    },
    codec: {
      hopSamples: 320,
      firstChunkFrames: 7,
      open: () => ({
        async decode(codes) {
          trace.push(`codec ${codes.length / 8}`);
          return waveform(new Float32Array((codes.length / 8) * 320));
        },
        close: () => trace.push('codec closes'),
      }),
    },
  };
  return { models, trace };
}

const run = (
  models: BarkModels,
  request = REQUEST,
  signal = new AbortController().signal,
  now = (): number => 0,
) => synthesize({ models, generation, randomness: philoxRandomness, now }, request, signal);

describe('a sentence', () => {
  test('flows from semantic to codec, its sound in growing chunks', async () => {
    const { models, trace } = thinAir(40);
    const events = await Array.fromAsync(run(models));
    expect(trace.join(' > ')).toBe(
      'semantic opens > semantic closes > coarse opens > coarse closes > ' +
        'fine 2 > fine 3 > fine 4 > fine 5 > fine 6 > fine 7 > codec 15 > codec 30 > codec 15 > codec closes',
    );
    expect(
      events.map((event) => (event.type === 'audio' ? event.samples.length / 320 : event.type)),
    ).toEqual([15, 30, 15, 'done']);
  });

  test('its first sound leaves before the codec has seen the rest', async () => {
    const { models, trace } = thinAir(40);
    const events = run(models);
    expect((await events.next()).value).toMatchObject({ type: 'audio' });
    expect(trace.at(-1)).toBe('codec 15');
    await events.return();
    expect(trace.at(-1)).toBe('codec closes');
  });

  test('that the model leaves empty is done without sound', async () => {
    const events = await Array.fromAsync(run(thinAir(0).models));
    expect(events.map(({ type }) => type)).toEqual(['done']);
  });

  test('reports steps and its own time of every stage', async () => {
    let ms = 0;
    const { models } = thinAir(40);
    const events = await Array.fromAsync(
      run(models, REQUEST, new AbortController().signal, () => (ms += 1)),
    );
    const last = events.at(-1) as Extract<SpeechEvent, { type: 'done' }>;
    expect(last.report.semantic.steps).toBe(40);
    expect(last.report.coarse.steps).toBe(120);
    expect(last.report.fine.steps).toBe(1);
    expect(last.report.codec.steps).toBe(60);
    const { semantic, coarse, fine, codec, totalMs, firstAudioMs } = last.report;
    expect(semantic.ms + coarse.ms + fine.ms + codec.ms).toBeLessThanOrEqual(totalMs);
    expect(firstAudioMs).toBeLessThan(totalMs);
    expect(fine.ms).toBeGreaterThan(0);
  });
});

describe('sound early', () => {
  const voice = {
    semanticPrompt: new Uint16Array(300).fill(1),
    coarsePrompt: new Uint16Array(2 * 450).fill(1),
    finePrompt: new Uint16Array(8 * 450).fill(1),
  };

  /** What has happened when the first samples leave. */
  async function untilFirstSound(latency: 'exact' | 'balanced' | 'fast', spoken: number) {
    const { models, trace } = thinAir(spoken);
    const steps = { semantic: 0, coarse: 0, fine: 0, codec: 0 };
    const events = synthesize(
      {
        models,
        generation,
        randomness: philoxRandomness,
        now: () => 0,
        onProgress: (stage, step) => {
          steps[stage] = step;
        },
      },
      { ...REQUEST, voice, latency },
      new AbortController().signal,
    );
    await events.next();
    await events.return();
    return { steps, trace };
  }

  test('balanced speaks after 47 semantic tokens and one coarse window', async () => {
    const { steps, trace } = await untilFirstSound('balanced', 400);
    expect(steps).toEqual({ semantic: 47, coarse: 60, fine: 1, codec: 15 });
    expect(trace.filter((line) => line.endsWith('opens')).length).toBe(
      trace.filter((line) => line.endsWith('closes') && !line.startsWith('codec')).length,
    );
  });

  test('fast speaks as early, and goes on in longer windows', async () => {
    const { steps } = await untilFirstSound('fast', 400);
    expect(steps).toEqual({ semantic: 47, coarse: 60, fine: 1, codec: 15 });
    const { models } = thinAir(400);
    const windows: number[] = [];
    const listening = {
      models,
      generation,
      randomness: philoxRandomness,
      now: () => 0,
      onProgress: (stage: string, step: number) => {
        if (stage === 'coarse') windows.push(step);
      },
    };
    const request: SpeechRequest = { ...REQUEST, voice, latency: 'fast' };
    await Array.fromAsync(synthesize(listening, request, new AbortController().signal));
    expect(windows).toEqual([60, 180, 360, 540, 720, 900, 1_080, 1_202]);
  });

  test('exact speaks a sentence of two fine windows before its coarse stage has ended', async () => {
    const { steps } = await untilFirstSound('exact', 500);
    expect(steps.semantic).toBe(500);
    // 1024 - 450 frames fill the first window; the sentence has 751
    expect(steps.coarse).toBe(60 * Math.ceil((2 * (1_024 - 450 + 1)) / 60));
    expect(steps.coarse).toBeLessThan(1_500);
  });

  test('a reader that takes nothing more lets nothing more be made', async () => {
    const { models, trace } = thinAir(400);
    const events = synthesize(
      { models, generation, randomness: philoxRandomness, now: () => 0 },
      { ...REQUEST, voice, latency: 'balanced' },
      new AbortController().signal,
    );
    await events.next();
    const made = trace.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(trace).toHaveLength(made);
    await events.return();
  });
});

describe('cancelling', () => {
  test.each(['semantic', 'coarse', 'fine', 'codec'] as const)(
    'in the %s stage ends within one step',
    async (stage) => {
      const { models, trace } = thinAir(40);
      const stop = new AbortController();
      const seen: string[] = [];
      const speech = synthesize(
        {
          models,
          generation,
          randomness: philoxRandomness,
          now: () => 0,
          onProgress: (at, step) => {
            seen.push(`${at} ${step}`);
            if (at === stage) stop.abort(new Error('enough'));
          },
        },
        REQUEST,
        stop.signal,
      );
      const outcome = Array.fromAsync(speech);
      if (stage === 'codec' || stage === 'fine') await outcome.catch(() => undefined);
      else await expect(outcome).rejects.toThrow('enough');
      expect(seen.filter((line) => line.startsWith(stage)).length).toBeLessThanOrEqual(
        stage === 'codec' ? 3 : 1,
      );
      const count = (text: string): number => trace.filter((line) => line === text).length;
      expect(count('semantic opens')).toBe(count('semantic closes'));
      expect(count('coarse opens')).toBe(count('coarse closes'));
    },
  );
});

describe('a seed', () => {
  const idsOf = async (seed: number, row: number): Promise<string> => {
    const { models } = thinAir(40);
    const heard: Int32Array[] = [];
    const listening: BarkModels = {
      ...models,
      codec: {
        ...models.codec,
        open: () => ({
          async decode(codes) {
            heard.push(codes);
            return waveform(new Float32Array(codes.length * 40));
          },
          close() {},
        }),
      },
    };
    await Array.fromAsync(run(listening, { ...REQUEST, seed, row }));
    return heard.map((codes) => codes.join()).join(';');
  };

  test('gives the same take again, another seed or row another', async () => {
    const take = await idsOf(7, 0);
    expect(await idsOf(7, 0)).toBe(take);
    expect(await idsOf(8, 0)).not.toBe(take);
    expect(await idsOf(7, 1)).not.toBe(take);
  });
});
