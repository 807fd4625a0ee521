/**
 * text tokens -> semantic -> coarse -> fine -> codec -> waveform: the whole path of a sentence on one
 * page. Each stage pulls from the one before it just what it needs, so the first samples leave as
 * early as the latency mode allows, and nothing runs ahead of the reader.
 */
import type { Waveform } from '#shared/bark/shapes.ts';
import { decodeInChunks } from '#shared/codec/decode-in-chunks.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import { coarseHistory, generateCoarse, NO_COARSE_HISTORY } from './coarse.ts';
import { bookSizes } from './codec.ts';
import { Feed } from './feed.ts';
import { generateFine, generateFineInBlocks } from './fine.ts';
import { latencyPlan } from './latency.ts';
import type { BarkModels } from './models.ts';
import type { Randomness } from './randomness.ts';
import { generateSemantic } from './semantic.ts';
import { StageClock, type OnProgress } from './stage-clock.ts';
import type { SpeechEvent, SpeechRequest } from './synthesizer.ts';
import { coarseLength, coarseRates } from './windows.ts';

export interface SynthesisTools {
  readonly models: BarkModels;
  readonly generation: GenerationConfig;
  readonly randomness: (seed: number) => Randomness;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Told after every step of a stage. */
  readonly onProgress?: OnProgress;
}

/** Speaks one sentence, up to its codes where these are wanted. A sentence that the model leaves empty yields only `done`. */
export async function* synthesize(
  { models, generation, randomness, now, onProgress = () => {} }: SynthesisTools,
  { text, voice, options, latency, seed, row, content = 'samples' }: SpeechRequest,
  signal: AbortSignal,
): AsyncGenerator<SpeechEvent, void, undefined> {
  const clock = new StageClock(now, onProgress);
  const plan = latencyPlan(latency, generation);
  const draws = randomness(seed);

  const tokens = generateSemantic(
    models.semantic,
    generation.semantic,
    {
      text,
      history: voice?.semanticPrompt ?? null,
      options: options.semantic ?? {},
      draw: draws('semantic', row),
    },
    signal,
  );
  const semantic = new Feed(clock.timed('semantic', eachAlone(tokens)));

  const ids = generateCoarse(
    models.coarse,
    generation,
    {
      semantic,
      history:
        voice === null
          ? NO_COARSE_HISTORY
          : coarseHistory(generation, voice.semanticPrompt, voice.coarsePrompt),
      length: null,
      options: options.coarse ?? {},
      draw: draws('coarse', row),
      windows: plan.coarse,
    },
    signal,
  );
  const coarse = new Feed(clock.timed('coarse', ids, (window) => window.length));

  const fineInput = {
    coarse,
    totalFrames: async () => {
      await semantic.atLeast(Number.POSITIVE_INFINITY);
      const ofAll = coarseLength(semantic.length, coarseRates(generation));
      return ofAll / generation.coarse.coarseCodebooks;
    },
    history: voice?.finePrompt ?? null,
    options: options.fine ?? {},
    draw: draws('fine', row),
  };
  const blocks =
    plan.fine === null
      ? generateFine(models.fine, generation, fineInput, signal)
      : generateFineInBlocks(models.fine, generation, fineInput, plan.fine, signal);
  const codes = clock.timed('fine', blocks);
  try {
    if (content === 'codes') {
      for await (const made of codes) {
        clock.heard();
        yield { type: 'codes', codes: made };
      }
    } else {
      const chunks = decodeInChunks(models.codec, codes, bookSizes(generation), signal);
      const frames = ({ length }: Waveform): number => length / models.codec.hopSamples;
      for await (const samples of clock.timed('codec', chunks, frames)) {
        clock.heard();
        yield { type: 'audio', samples };
      }
    }
  } finally {
    await coarse.close();
    await semantic.close();
  }
  yield { type: 'done', report: clock.report() };
}

async function* eachAlone(
  tokens: AsyncGenerator<number, unknown, undefined>,
): AsyncGenerator<Int32Array, void, undefined> {
  for await (const token of tokens) yield Int32Array.of(token);
}
