/** text tokens -> semantic -> coarse -> fine -> codec -> waveform: the whole path of a sentence on one page. */
import { semanticTokens } from '#shared/bark/shapes.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import {
  coarseCodesOf,
  coarseHistory,
  coarseRates,
  generateCoarse,
  NO_COARSE_HISTORY,
} from './coarse.ts';
import { decodeInChunks } from './codec.ts';
import { generateFine } from './fine.ts';
import type { BarkModels } from './models.ts';
import type { Randomness } from './randomness.ts';
import { generateSemantic } from './semantic.ts';
import { StageClock, type OnProgress } from './stage-clock.ts';
import type { SpeechEvent, SpeechRequest } from './synthesizer.ts';
import { coarseLength } from './windows.ts';

export interface SynthesisTools {
  readonly models: BarkModels;
  readonly generation: GenerationConfig;
  readonly randomness: (seed: number) => Randomness;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Told after every step of a stage. */
  readonly onProgress?: OnProgress;
}

/** Speaks one sentence. A sentence that the model leaves empty yields no audio, only `done`. */
export async function* synthesize(
  { models, generation, randomness, now, onProgress = () => {} }: SynthesisTools,
  { text, voice, options, seed, row }: SpeechRequest,
  signal: AbortSignal,
): AsyncGenerator<SpeechEvent, void, undefined> {
  const clock = new StageClock(now, onProgress);
  const draws = randomness(seed);

  const semantic = generateSemantic(
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
  const said = await Array.fromAsync(clock.timed('semantic', semantic));
  const tokens = semanticTokens(Int32Array.from(said), generation.semantic.semanticVocabularySize);

  const coarse = generateCoarse(
    models.coarse,
    generation,
    {
      semantic: tokens,
      history:
        voice === null
          ? NO_COARSE_HISTORY
          : coarseHistory(generation, voice.semanticPrompt, voice.coarsePrompt),
      length: coarseLength(tokens.length, coarseRates(generation)),
      options: options.coarse ?? {},
      draw: draws('coarse', row),
    },
    signal,
  );
  const windows = await Array.fromAsync(clock.timed('coarse', coarse, (window) => window.length));
  const ids = Int32Array.from(windows.flatMap((window) => Array.from(window)));

  if (ids.length > 0) {
    const fine = generateFine(
      models.fine,
      generation,
      {
        coarse: coarseCodesOf(ids, generation),
        history: voice?.finePrompt ?? null,
        options: options.fine ?? {},
        draw: draws('fine', row),
      },
      signal,
    );
    const chunks = decodeInChunks(models.codec, clock.timed('fine', fine), generation, signal);
    const { hopSamples } = models.codec;
    for await (const samples of clock.timed('codec', chunks, (made) => made.length / hopSamples)) {
      clock.heard();
      yield { type: 'audio', samples };
    }
  }
  yield { type: 'done', report: clock.report() };
}
